import assert from "node:assert/strict";
import {
  type MemberEvent,
  type MemberState,
  TRANSITIONS,
  transition,
} from "../../../../src/core/members/interface-state.ts";

const STATES = Object.keys(TRANSITIONS) as MemberState[];
const EVENTS = [...new Set(Object.values(TRANSITIONS).flatMap((row) => Object.keys(row)))] as MemberEvent[];

describe("states of an interface", () => {
  it("has exactly these transitions, and refuses everything else", () => {
    const found = STATES.flatMap((state) =>
      EVENTS.flatMap((event) => {
        const next = transition(state, event);
        return next === undefined ? [] : [`${state} ${event}: ${next}`];
      }),
    );
    assert.deepEqual(found, [
      "absent appeared: running",
      "absent found-down: starting",
      "absent held: failed",
      "absent taken-offline: offline-absent",
      "starting held: failed",
      "starting taken-offline: offline",
      "starting disappeared: absent",
      "starting started: running",
      "running taken-offline: offline",
      "running disappeared: absent",
      "running failed: failed",
      "running targets-lost: no-targets",
      "no-targets taken-offline: offline",
      "no-targets disappeared: absent",
      "no-targets failed: failed",
      "no-targets targets-found: running",
      "no-targets probing-ended: running",
      "failed taken-offline: offline-failed",
      "failed disappeared: absent",
      "failed targets-lost: failed-no-targets",
      "failed repaired: running",
      "failed-no-targets taken-offline: offline-failed",
      "failed-no-targets disappeared: absent",
      "failed-no-targets targets-found: failed",
      "failed-no-targets probing-ended: failed",
      "failed-no-targets repaired: no-targets",
      "offline held: offline-failed",
      "offline disappeared: offline-absent",
      "offline failed: offline-failed",
      "offline brought-online: running",
      "offline-failed disappeared: offline-absent",
      "offline-failed repaired: offline",
      "offline-failed brought-online: failed",
      "offline-absent appeared: offline",
      "offline-absent found-down: offline",
      "offline-absent held: offline-failed",
      "offline-absent brought-online: absent",
    ]);
  });
});
