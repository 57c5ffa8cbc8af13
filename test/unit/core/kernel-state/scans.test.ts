import assert from "node:assert/strict";
import { Scans } from "../../../../src/core/kernel-state/scans.ts";

describe("scans", () => {
  it("come one at a time, and are asked for again when no answer comes", () => {
    const scans = new Scans();
    assert.equal(scans.ask(0), true);
    assert.equal(scans.ask(1), false);
    assert.equal(scans.deadline, 5_000);
    assert.equal(scans.expire(4_999), false);
    assert.equal(scans.expire(5_000), true);
    assert.equal(scans.ask(5_000), true);
  });

  it("come every 20 s, and soon after a loss", () => {
    const scans = new Scans();
    scans.ask(0);
    assert.equal(scans.seen, false);
    scans.done(10);
    assert.deepEqual(
      [scans.seen, scans.deadline, scans.isDue(20_009), scans.isDue(20_010)],
      [true, 20_010, false, true],
    );
    scans.verifySoon(1_000);
    assert.equal(scans.deadline, 1_200);
  });

  it("that were read before a loss do not count", () => {
    const scans = new Scans();
    scans.ask(0);
    scans.discard();
    assert.equal(scans.ask(1), true);
  });
});
