import assert from "node:assert/strict";
import { Questions } from "../../../src/daemon/questions.ts";

describe("questions to the worker", () => {
  it("get the answer of the same number, in any order", async () => {
    const questions = new Questions<string>();
    const ids: number[] = [];
    const first = questions.ask((id) => ids.push(id));
    const second = questions.ask((id) => ids.push(id));
    assert.deepEqual(ids, [1, 2]);
    questions.answer(2, "two");
    questions.answer(1, "one");
    questions.answer(1, "again");
    assert.deepEqual(await Promise.all([first, second]), ["one", "two"]);
  });

  it("end with the reason why no answer will come, also those asked later", async () => {
    const questions = new Questions<void>();
    const waiting = questions.ask(() => undefined);
    questions.end(new Error("gone"));
    questions.end(new Error("gone twice"));
    await assert.rejects(waiting, /^Error: gone$/);
    await assert.rejects(
      questions.ask(() => assert.fail("sent to nobody")),
      /^Error: gone$/,
    );
  });

  it("are given up when their asker has waited enough, and only they", async () => {
    const questions = new Questions<string>();
    const patience = new AbortController();
    const ids: number[] = [];
    const impatient = questions.ask((id) => ids.push(id), patience.signal);
    const patient = questions.ask((id) => ids.push(id));
    patience.abort(new Error("too long"));
    await assert.rejects(impatient, /^Error: too long$/);
    for (const id of ids) questions.answer(id, "late");
    assert.equal(await patient, "late");
    await assert.rejects(
      questions.ask(() => assert.fail("sent for nobody"), patience.signal),
      /^Error: too long$/,
    );
  });
});
