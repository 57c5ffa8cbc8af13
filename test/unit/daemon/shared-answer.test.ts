import assert from "node:assert/strict";
import { SharedAnswer } from "../../../src/daemon/shared-answer.ts";

/** Questions that are answered by hand, with their number. */
function byHand(youngMs: number) {
  const open: ((error?: Error) => void)[] = [];
  let asked = 0;
  const shared = new SharedAnswer(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = ++asked;
        open.push((error) => (error === undefined ? resolve(number) : reject(error)));
      }),
    youngMs,
  );
  return { shared, answer: (error?: Error) => open.shift()?.(error), asked: () => asked };
}

describe("shared answer", () => {
  it("is one for all who ask while it is on its way", async () => {
    const { shared, answer, asked } = byHand(0);
    const both = Promise.all([shared.get(), shared.get()]);
    answer();
    assert.deepEqual(await both, [1, 1]);
    assert.equal(asked(), 1);
  });

  it("serves again while it is young, and not when it is old", async () => {
    const young = byHand(60_000);
    const first = young.shared.get();
    young.answer();
    assert.deepEqual([await first, await young.shared.get()], [1, 1]);
    const old = byHand(0);
    for (const number of [1, 2]) {
      const next = old.shared.get();
      old.answer();
      assert.equal(await next, number);
    }
  });

  it("fails for all who asked, and is asked for anew", async () => {
    const { shared, answer } = byHand(0);
    const both = [shared.get(), shared.get()];
    answer(new Error("no"));
    for (const one of both) await assert.rejects(one, /^Error: no$/);
    const next = shared.get();
    answer();
    assert.equal(await next, 2);
  });
});
