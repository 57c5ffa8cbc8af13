import assert from "node:assert/strict";
import { readKept } from "../../../src/daemon/kept-form.ts";

const MEMBER = {
  group: "g",
  interface: "eth0",
  offline: true,
  failed: false,
  reason: "administrator",
  failedFor: "link-down",
  since: -12.5,
  ups: [1, 2],
  heldDown: 0,
};
const KEPT = { version: 1, bootId: "b", members: [MEMBER] };

describe("form of the state file", () => {
  it("is read as it was written", () => {
    assert.deepEqual(readKept(JSON.stringify(KEPT)), KEPT);
  });

  const members = (change: object) => ({ ...KEPT, members: [{ ...MEMBER, ...change }] });
  const faults: readonly [what: string, content: unknown, said: RegExp][] = [
    ["a list", [], /found no object$/],
    ["another version", { ...KEPT, version: 2 }, /found version 2, wanted 1/],
    ["no version", { members: [] }, /found version undefined/],
    ["no boot", { version: 1, members: [] }, /no text "bootId"/],
    ["no members", { version: 1, bootId: "b" }, /no list "members"/],
    ["a member that is none", { ...KEPT, members: [null] }, /no object at members\[0\]/],
    ["a wrong type", members({ offline: "yes" }), /members\[0\]\.offline can not be "yes"/],
    ["a time that is none", members({ since: null }), /members\[0\]\.since can not be null/],
    ["times that are none", members({ ups: [1, "2"] }), /members\[0\]\.ups can not be \[1,"2"\]/],
    ["a reason of nobody", members({ reason: "constructor" }), /members\[0\]\.reason can not be "constructor"/],
    ["less than nothing", members({ heldDown: -1 }), /members\[0\]\.heldDown can not be -1/],
    ["a missing field", members({ group: undefined }), /members\[0\]\.group can not be missing/],
  ];
  for (const [what, content, said] of faults) {
    it(`is refused with ${what}, which is named`, () => {
      assert.throws(() => readKept(JSON.stringify(content)), said);
    });
  }

  it("is refused when torn", () => {
    const text = JSON.stringify(KEPT);
    for (let length = 0; length < text.length; length++) assert.throws(() => readKept(text.slice(0, length)));
  });
});
