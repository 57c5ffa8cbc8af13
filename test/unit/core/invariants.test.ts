import assert from "node:assert/strict";
import type { Group } from "../../../src/core/group.ts";
import { assertInvariants } from "../../../src/core/invariants.ts";
import { addressPrefix } from "../../support/simulated-configuration.ts";
import { Bench } from "./probing/support.ts";

/** Two running members; the first hosts the one data address. */
function soundGroup(): Group {
  const { group } = new Bench({ members: { a: [], b: [] }, addresses: [addressPrefix("192.0.2.10/24")] });
  group.hosting.set("192.0.2.10", "a");
  return group;
}

const BROKEN: readonly [name: string, how: (group: Group) => void][] = [
  [
    "only a functioning member is inactive",
    ({ members: [a] }) => Object.assign(a ?? {}, { inactive: true, state: "failed" }),
  ],
  ["a functioning member has a link", ({ members: [a] }) => Object.assign(a ?? {}, { link: undefined })],
  [
    "a member that starts has a link, and a time until which it may",
    ({ members: [a] }) => Object.assign(a ?? {}, { state: "starting", startingUntil: undefined }),
  ],
  [
    "somebody is active while somebody functions",
    ({ members }) => {
      for (const member of members) member.inactive = true;
    },
  ],
  [
    "every data address is hosted while somebody carries its family, and only by who does",
    ({ hosting }) => hosting.clear(),
  ],
  [
    "every data address is hosted while somebody carries its family, and only by who does",
    ({ hosting }) => hosting.set("192.0.2.10", "stranger"),
  ],
];

describe("invariants", () => {
  it("hold in a sound group", () => assertInvariants(soundGroup()));

  for (const [name, breakIt] of BROKEN) {
    it(`name what does not hold: ${name}`, () => {
      const group = soundGroup();
      breakIt(group);
      assert.throws(() => assertInvariants(group), { message: `assertion failed in group g: ${name}` });
    });
  }
});
