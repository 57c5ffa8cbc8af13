import assert from "node:assert/strict";
import { readKept, writeKept } from "../../../src/daemon/kept-form.ts";

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
const KEPT = { version: 1, bootId: "b", namespace: "41", members: [MEMBER] };
const ORIGIN = { bootId: "b", namespace: "41", sinceMs: 0 };
const NOW_MS = 5000;

const read = (text: string) => readKept(text, 1, ORIGIN, NOW_MS);

describe("form of the state file", () => {
  it("is read as it was written", () => {
    assert.deepEqual(read(JSON.stringify(KEPT)), { members: [MEMBER] });
    const waiting = { ...MEMBER, up: { since: 17.5, index: 2, carrierLosses: 3 } };
    assert.deepEqual(read(JSON.stringify({ ...KEPT, members: [waiting] })), { members: [waiting] });
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
    ["a time after now", members({ since: 6001 }), /members\[0\]\.since can not be 6001/],
    ["a time before the boot", members({ since: -1e300 }), /members\[0\]\.since can not be -1e\+300/],
    ["a link-up after now", members({ ups: [1, 1e18] }), /members\[0\]\.ups can not be \[1,1000000000000000000\]/],
    ["a reason of nobody", members({ reason: "constructor" }), /members\[0\]\.reason can not be "constructor"/],
    ["less than nothing", members({ heldDown: -1 }), /members\[0\]\.heldDown can not be -1/],
    ["a link that was up after now", members({ up: { since: 6001, index: 2, carrierLosses: 0 } }), /\.up can not be/],
    ["a link that is none", members({ up: 2 }), /members\[0\]\.up can not be 2/],
    ["a link without a number", members({ up: { since: 1, index: 2 } }), /members\[0\]\.up can not be/],
    ["a missing field", members({ group: undefined }), /members\[0\]\.group can not be missing/],
  ];
  for (const [what, content, said] of faults) {
    it(`is refused with ${what}, which is named`, () => {
      assert.throws(() => read(JSON.stringify(content)), said);
    });
  }

  it("is refused with an infinite time", () => {
    const text = (time: string) => JSON.stringify(KEPT).replace("-12.5", time);
    for (const time of ["1e999", "-1e999"]) assert.throws(() => read(text(time)), /since can not be -?Infinity/);
  });

  it("takes what comes from a clock that is ahead by less than a second", () => {
    const content = members({ since: 5999 });
    assert.deepEqual(read(JSON.stringify(content)), { members: content.members });
  });

  it("of another boot has no times to compare, and nothing to say", () => {
    const content = { ...members({ since: 1e12 }), bootId: "another" };
    assert.equal(read(JSON.stringify(content)), undefined);
  });

  it("is not written with a number that can not be read again", () => {
    const kept = {
      ...KEPT,
      version: 1,
      members: [{ ...MEMBER, reason: "administrator", failedFor: "link-down" }],
    } as const;
    assert.deepEqual(read(writeKept(kept)), { members: kept.members });
    for (const since of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const broken = { ...kept, members: [{ ...kept.members[0], since }] };
      assert.throws(() => writeKept(broken), /members\[0\]\.since can not be (NaN|-?Infinity)/);
    }
  });

  it("is refused when torn", () => {
    const text = JSON.stringify(KEPT);
    for (let length = 0; length < text.length; length++) assert.throws(() => read(text.slice(0, length)));
  });
});
