import assert from "node:assert/strict";
import type { MemberMemory, Memory } from "../../../src/core/memory.ts";
import { Clocks } from "../../../src/daemon/clocks.ts";

const AT = performance.now();
const MEMORY: Memory = {
  members: [
    {
      group: "g",
      interface: "eth0",
      offline: false,
      failed: true,
      reason: "link-down",
      failedFor: "link-down",
      since: AT,
      ups: [AT - 1, AT],
      heldDown: 1,
      up: { since: AT, index: 2, carrierLosses: 3 },
    },
  ],
};

describe("clocks of the loop", () => {
  const realNow = Date.now;

  afterEach(() => {
    Date.now = realNow;
  });

  it("give times of the boot, which any process can compare with its own", () => {
    const kept = new Clocks().toBoot(MEMORY).members[0];
    const ageMs = Number(process.hrtime.bigint()) / 1e6 - (kept?.since ?? 0);
    assert.ok(ageMs >= 0 && Math.abs(ageMs - (performance.now() - AT)) < 1, `found an age of ${ageMs} ms`);
    assert.ok(Math.abs((kept?.ups[1] ?? 0) - (kept?.ups[0] ?? 0) - 1) < 1e-3);
  });

  it("take back what they gave", () => {
    const clocks = new Clocks();
    const [before, after] = [MEMORY.members[0], clocks.fromBoot(clocks.toBoot(MEMORY)).members[0]];
    assert.ok(Math.abs((after?.since ?? 0) - (before?.since ?? 0)) < 1e-3);
    assert.ok(Math.abs((after?.up?.since ?? 0) - AT) < 1e-3);
    const timeless = { since: 0, ups: [], up: { since: 0, index: 2, carrierLosses: 3 } };
    assert.deepEqual({ ...after, ...timeless }, { ...before, ...timeless });
    const { up: _, ...member } = MEMORY.members[0] as MemberMemory;
    assert.equal("up" in (clocks.fromBoot({ members: [member] }).members[0] as MemberMemory), false);
  });

  it("show one time as one text, whatever small steps the wall clock makes", () => {
    const clocks = new Clocks();
    const shown = clocks.toWall(AT);
    assert.ok(Math.abs(Date.parse(shown) - (Date.now() - (performance.now() - AT))) < 5);
    Date.now = () => realNow() + 900;
    clocks.lookAtWall();
    assert.equal(clocks.toWall(AT), shown);
  });

  it("follow a wall clock that was set", () => {
    const clocks = new Clocks();
    const before = Date.parse(clocks.toWall(AT));
    Date.now = () => realNow() + 3_600_000;
    clocks.lookAtWall();
    assert.ok(Math.abs(Date.parse(clocks.toWall(AT)) - before - 3_600_000) < 5);
  });
});
