import assert from "node:assert/strict";
import { Contested } from "../../../../src/core/kernel-state/contested.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What is said until then, each with its time. */
function until(contested: Contested, end: number): string[] {
  const said: string[] = [];
  for (let now = contested.deadline; now <= end; now = contested.deadline) {
    for (const message of contested.due(now)) {
      const what = "what" in message ? message.what : "";
      said.push(
        `${now / SECOND} ${message.id} ${what}${"times" in message ? ` ${message.times} in ${message.minutes}` : ""}`,
      );
    }
  }
  return said;
}

describe("what is contested", () => {
  it("is nothing at first", () => {
    assert.deepEqual(until(new Contested(), MINUTE), []);
  });

  it("is told as a whole, many by their number, and each once", () => {
    const contested = new Contested();
    for (const name of ["a", "b", "c", "d"]) contested.putBack("g", "addresses", name, 10);
    contested.putBack("g", "routes", "r", 500);
    contested.putBack("g", "routes", "r", 600);
    contested.putBack("g", "group interface", "", 700);
    assert.deepEqual(until(contested, MINUTE), ["1.01 put-back 4 addresses; routes r; the group interface"]);
  });

  it("is nobody's doing where a link was lost about that time, before or after", () => {
    const contested = new Contested();
    contested.linkLost("g", 0);
    contested.putBack("g", "routes", "r", 900);
    assert.deepEqual(until(contested, 10 * SECOND), []);
    contested.putBack("g", "routes", "r", 20 * SECOND);
    contested.linkLost("g", 20 * SECOND + 500);
    assert.deepEqual(until(contested, 30 * SECOND), []);
    contested.putBack("g", "routes", "r", 40 * SECOND);
    contested.linkLost("other", 40 * SECOND);
    assert.deepEqual(until(contested, 50 * SECOND), ["41 put-back routes r"]);
  });

  it("becomes a contest at the third round, is silent then, and ends after twice the longest pause", () => {
    const contested = new Contested();
    const said = [0, 8, 16, 17, 18].flatMap((minutes) => {
      contested.putBack("g", "settings", "s", minutes * MINUTE);
      return until(contested, minutes * MINUTE + 30 * SECOND);
    });
    assert.deepEqual(said, ["1 put-back settings s", "481 put-back settings s", "961 contested settings 3 in 17"]);
    assert.deepEqual(until(contested, 120 * MINUTE), [`${(18 + 16) * 60} contest-over settings 5 in 34`]);
    assert.equal(contested.deadline, Number.POSITIVE_INFINITY);
  });

  it("is forgotten without a word where it never became one", () => {
    const contested = new Contested();
    contested.putBack("g", "settings", "s", 0);
    contested.putBack("g", "routes", "r", 0);
    assert.deepEqual(until(contested, 200 * MINUTE), ["1 put-back settings s; routes r"]);
    assert.equal(contested.deadline, Number.POSITIVE_INFINITY);
  });

  it("of several kinds is told in one line, and ended in one", () => {
    const contested = new Contested();
    const said = [0, 1, 2].flatMap((minutes) => {
      contested.putBack("g", "next hops", "n", minutes * MINUTE);
      contested.putBack("g", "routes", "r", minutes * MINUTE);
      return until(contested, minutes * MINUTE + 30 * SECOND);
    });
    assert.equal(said.at(-1), "121 contested next hops, routes 6 in 3");
    assert.deepEqual(until(contested, 60 * MINUTE), ["720 contest-over next hops, routes 6 in 12"]);
  });
});
