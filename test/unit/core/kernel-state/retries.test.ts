import assert from "node:assert/strict";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Retries } from "../../../../src/core/kernel-state/retries.ts";

const WISH: KernelRequest = { op: "set-link-up", index: 2 };
const OTHER: KernelRequest = { op: "set-link-up", index: 3 };

describe("refused requests", () => {
  it("rest twice as long with each refusal, up to ten seconds", () => {
    const retries = new Retries();
    const rests: number[] = [];
    for (let now = 0; rests.length < 9; now = retries.nextDeadline(now) ?? Number.NaN) {
      retries.refused(WISH, now);
      assert.ok(retries.isResting(WISH, now) && !retries.isResting(OTHER, now));
      rests.push((retries.nextDeadline(now) ?? Number.NaN) - now);
    }
    assert.deepEqual(rests, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it("may be asked again when the rest is over, and count as refused until granted", () => {
    const retries = new Retries();
    assert.equal(retries.refused(WISH, 0), 1);
    assert.equal(retries.isResting(WISH, 100), false);
    assert.equal(retries.wasRefused("set-link-up 2"), true);
    assert.equal(retries.refused(WISH, 100), 2);
    retries.granted(WISH, 150);
    assert.equal(retries.wasRefused("set-link-up 2"), false);
    assert.equal(retries.refused(WISH, 200), 1);
  });

  it("are not confused with granted ones that show only later", () => {
    const retries = new Retries();
    retries.holdBack(WISH, 1000);
    assert.equal(retries.isResting(WISH, 999), true);
    assert.equal(retries.wasRefused("set-link-up 2"), false);
  });

  it("rest as well when granted again and again without coming true", () => {
    const retries = new Retries();
    let grants = 0;
    for (; !retries.isResting(WISH, 0); grants++) retries.granted(WISH, 0);
    assert.equal(grants, 51);
    assert.equal(retries.isResting(WISH, 1000), false);
    retries.granted(WISH, 1000);
    assert.equal(retries.isResting(WISH, 1000), false);
  });

  it("are forgotten when nobody asks any more", () => {
    const retries = new Retries();
    retries.refused(WISH, 0);
    assert.equal(retries.nextDeadline(60_000), undefined);
    assert.equal(retries.wasRefused("set-link-up 2"), false);
  });
});
