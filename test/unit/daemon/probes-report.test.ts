import assert from "node:assert/strict";
import { probesReport } from "../../../src/daemon/probes-report.ts";
import { NOTHING_YET } from "../../../src/daemon/view.ts";
import type { TargetStatistics } from "../../../src/prober/statistics.ts";
import { PROBES, SNAPSHOT } from "../control/support.ts";

const [EXPECTED] = PROBES.targets;
assert.ok(EXPECTED);
const { interface: _name, group: _group, kind: _kind, state: _state, ...figures } = EXPECTED;
const COUNTED: TargetStatistics = { ...figures, index: 2 };
const VIEW = { ...NOTHING_YET, snapshot: SNAPSHOT };

describe("report of probes", () => {
  it("names what was counted, and says what is thought of each target", () => {
    const report = probesReport({ statistics: [COUNTED, { ...COUNTED, target: "192.0.2.2" }], view: VIEW });
    assert.deepEqual(report, {
      prober: NOTHING_YET.prober,
      targets: [EXPECTED, { ...EXPECTED, target: "192.0.2.2", kind: "configured", state: "dead" }],
    });
  });

  it("thinks nothing of what is no target, or one of the other family only", () => {
    const strange = [
      { ...COUNTED, target: "192.0.2.77" },
      { ...COUNTED, family: 6 as const },
    ];
    for (const { kind, state } of probesReport({ statistics: strange, view: VIEW }).targets) {
      assert.deepEqual([kind, state], [null, null]);
    }
  });

  it("leaves out links that are not there any more", () => {
    assert.deepEqual(probesReport({ statistics: [{ ...COUNTED, index: 99 }], view: VIEW }).targets, []);
  });
});
