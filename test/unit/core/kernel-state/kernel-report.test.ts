import assert from "node:assert/strict";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { KernelReport } from "../../../../src/core/kernel-state/kernel-report.ts";
import { NextHopIds } from "../../../../src/core/kernel-state/next-hop-ids.ts";
import { Bench, PAIR } from "../probing/support.ts";

describe("what is told of the kernel's answers", () => {
  it("what was refused is over, too, when that is granted too late to be believed", () => {
    const bench = new Bench(PAIR);
    const report = new KernelReport(bench.picture, new NextHopIds(bench.picture), bench.log);
    const request: KernelRequest = { op: "set-link-up", index: 1 };
    const refused = [{ request, code: "EPERM", text: "", times: 2 }];
    assert.ok(report.answered({ granted: [], refused, late: [] }, [bench.group], 0));
    assert.ok(report.answered({ granted: [], refused: [], late: [request] }, [bench.group], 1));
    assert.deepEqual(
      bench.said.map(({ id }) => id),
      ["request-failed", "request-taken"],
    );
  });
});
