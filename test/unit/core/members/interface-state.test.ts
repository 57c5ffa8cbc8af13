import assert from "node:assert/strict";
import {
  type MemberEvent,
  type MemberState,
  TRANSITIONS,
  transition,
} from "../../../../src/core/members/interface-state.ts";

const EVENTS: readonly MemberEvent[] = ["appeared", "disappeared", "link-down", "link-up"];

describe("states of an interface", () => {
  it("has exactly these transitions, and refuses everything else", () => {
    const found = Object.keys(TRANSITIONS).flatMap((state) =>
      EVENTS.map((event) => `${state} ${event}: ${transition(state as MemberState, event) ?? "refused"}`),
    );
    assert.deepEqual(found, [
      "absent appeared: running",
      "absent disappeared: refused",
      "absent link-down: refused",
      "absent link-up: refused",
      "running appeared: refused",
      "running disappeared: absent",
      "running link-down: failed",
      "running link-up: refused",
      "failed appeared: refused",
      "failed disappeared: absent",
      "failed link-down: refused",
      "failed link-up: running",
    ]);
  });
});
