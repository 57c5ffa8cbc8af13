import assert from "node:assert/strict";
import { StallWatch } from "../../../src/daemon/stall-watch.ts";
import { NOTHING_YET } from "../../../src/daemon/view.ts";

describe("watch over the prober's own stalls", () => {
  /** Looks at these moments (s), each with so many unsent by then; what is told of, and how often the status was asked for. */
  function looks(...moments: (readonly [atSeconds: number, unsent: number])[]) {
    const watch = new StallWatch();
    let asked = 0;
    const told = moments.map(([atSeconds, unsent]) => {
      const status = () => {
        asked += 1;
        return { ...NOTHING_YET.prober, unsent, longestStallMs: 20 };
      };
      return watch.look(atSeconds * 1_000, status)?.probes;
    });
    return { told, asked };
  }

  it("tells how many probes remained unsent, and how late the prober was", () => {
    const status = () => ({ ...NOTHING_YET.prober, unsent: 3, longestStallMs: 20.5 });
    assert.deepEqual(new StallWatch().look(0, status), { probes: 3, longestMs: 20.5 });
  });

  it("looks once a second", () => {
    assert.deepEqual(looks([0, 0], [0.5, 1], [0.9, 2], [1, 2]), {
      told: [undefined, undefined, undefined, 2],
      asked: 2,
    });
  });

  it("tells once a minute, of all that came meanwhile", () => {
    const { told } = looks([0, 5], [1, 6], [59, 7], [60, 8], [119, 8], [120, 8], [121, 9]);
    assert.deepEqual(told, [5, undefined, undefined, 3, undefined, undefined, 1]);
  });
});
