/** Switch ports that forward late, and members that wait for them. */
import assert from "node:assert/strict";
import { Machine } from "../../src/core/machine.ts";
import { liveWithLatePorts } from "./late-ports-life.ts";
import { Violated } from "./violated.ts";

const SEEDS = 4;

describe("switch ports that forward late", () => {
  it(`are entrusted with nothing before that, while another one forwards, in ${SEEDS} lives`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        liveWithLatePorts(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });

  it("catches a machine that does not wait", () => {
    for (let seed = 1; seed <= SEEDS; seed++) assert.throws(() => liveWithLatePorts(seed, () => new Hasty()), Violated);
  });

  it("catches a machine that hears no neighbour", () => {
    for (let seed = 2; seed <= SEEDS; seed += 2)
      assert.throws(() => liveWithLatePorts(seed, () => new Deaf()), Violated);
  });
});

class Deaf extends Machine {
  override step(...[event, now]: Parameters<Machine["step"]>): ReturnType<Machine["step"]> {
    return super.step(event.type === "probe-results" ? { ...event, results: [] } : event, now);
  }
}

class Hasty extends Machine {
  override step(...[event, now]: Parameters<Machine["step"]>): ReturnType<Machine["step"]> {
    if (event.type !== "configure") return super.step(event, now);
    const groups = event.configuration.groups.map((group) => ({ ...group, linkUpDelayMs: 0 }));
    return super.step({ ...event, configuration: { ...event.configuration, groups } }, now);
  }
}
