/** Targets that answer only part of the probes: `npm run sim -- --limited 10` lets each of these run for ten hours. */
import assert from "node:assert/strict";
import { Machine } from "../../src/core/machine.ts";
import type { ProbeResult } from "../../src/core/probing/results.ts";
import { LIMITED_LIVES, liveLimited, unexpected } from "./limited-life.ts";

const HOURS = 1 / 60;
const SEEDS = 2;

describe("targets that answer only part of the probes", () => {
  for (const [title, life] of Object.entries(LIMITED_LIVES)) {
    it(`${title}: no member fails, it is said once, and a dead path is found`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { failures, told, foundAfterMs } = liveLimited(life, HOURS, seed);
        assert.deepEqual(unexpected(life, failures), [], `seed ${seed}`);
        for (const [id, count] of Object.entries(told))
          assert.ok(count <= 1 || id === "interface-repaired", `seed ${seed}: ${id} ${count} times`);
        // It takes longer than this for such a group to return.
        if (!life.groupFailsOnce) assert.notEqual(foundAfterMs, undefined, `seed ${seed}`);
      }
    });
  }

  it("catches a machine that takes a common loss for a member's own", () => {
    const life = Object.values(LIMITED_LIVES)[0];
    assert.ok(life);
    const { failures } = liveLimited({ ...life, makeMachine: () => new OneEyed() }, HOURS, 1);
    assert.notDeepEqual(failures, []);
  });
});

/** Hears of every loss of the first card, and of no loss of another. */
class OneEyed extends Machine {
  override step(...[event, now]: Parameters<Machine["step"]>): ReturnType<Machine["step"]> {
    if (event.type !== "probe-results") return super.step(event, now);
    const first = Math.min(...this.snapshotIndexes(event.results));
    const results = event.results.filter((result) => result.kind !== "lost" || result.index === first);
    return super.step({ ...event, results }, now);
  }

  private readonly indexes = new Set<number>();

  private snapshotIndexes(results: readonly ProbeResult[]): ReadonlySet<number> {
    for (const { index } of results) this.indexes.add(index);
    return this.indexes;
  }
}
