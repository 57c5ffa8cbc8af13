import assert from "node:assert/strict";
import type { Message } from "../../../src/core/messages.ts";
import { Storms } from "../../../src/core/storms.ts";

const DOWN: Message = { id: "link-down", interface: "a", group: "g" };
const UP: Message = { id: "link-up", interface: "a", group: "g" };

function ids(messages: readonly Message[]): string[] {
  return messages.map(({ id }) => id);
}

describe("storms of log lines", () => {
  it("ten lines a minute about one thing are told, then one that says so, then none", () => {
    const storms = new Storms();
    for (let at = 0; at < 10; at++)
      assert.deepEqual(storms.admit(at % 2 === 0 ? DOWN : UP, at), [at % 2 === 0 ? DOWN : UP]);
    assert.deepEqual(ids(storms.admit(DOWN, 10)), ["told-too-often"]);
    assert.deepEqual(storms.admit(UP, 11), []);
    assert.deepEqual(storms.admit({ ...DOWN, interface: "b" }, 12), [{ ...DOWN, interface: "b" }]);
    assert.equal(storms.deadline, 60_011);
    assert.deepEqual(storms.due(60_010), []);
    const [again, latest] = storms.due(60_011);
    assert.deepEqual([again, latest], [{ id: "told-again", lines: 2, seconds: 1, group: "g" }, UP]);
  });

  it("ten lines spread over more than a minute are no storm", () => {
    const storms = new Storms();
    for (let at = 0; at < 30; at++) assert.deepEqual(storms.admit(DOWN, at * 10_000), [DOWN]);
    assert.equal(storms.deadline, Number.POSITIVE_INFINITY);
    assert.deepEqual(storms.due(1_000_000), []);
  });

  it("what concerns no group is bounded as well", () => {
    const storms = new Storms();
    for (let at = 0; at < 10; at++) storms.admit({ id: "notices-lost" }, at);
    const [told] = storms.admit({ id: "notices-lost" }, 10);
    assert.deepEqual([told?.id, told !== undefined && "group" in told && told.group], ["told-too-often", ""]);
  });
});
