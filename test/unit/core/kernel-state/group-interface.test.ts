import assert from "node:assert/strict";
import { anchorOf, awaitsInterface } from "../../../../src/core/kernel-state/group-interface.ts";
import { OUR_LINK_ALIAS } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Bench, linkOf } from "../probing/support.ts";

const refused = { wasRefused: (name: string) => name === "create-link g" };
const granted = { wasRefused: () => false };

describe("the group interface", () => {
  it("is waited for until its notice comes, unless it was refused or is not wanted", () => {
    const { group, picture } = new Bench({});
    assert.equal(awaitsInterface(group, picture, granted), true);
    assert.equal(awaitsInterface(group, picture, refused), false);
    picture.apply({ kind: "link", link: { ...linkOf(7, "g"), alias: OUR_LINK_ALIAS } });
    assert.equal(awaitsInterface(group, picture, granted), false);
    const without = new Bench({ groupInterface: false });
    assert.equal(awaitsInterface(without.group, without.picture, granted), false);
  });

  it("anchors the addresses; until it is there, or where it is a stranger's, lo does", () => {
    const { group, picture } = new Bench({});
    assert.deepEqual(anchorOf(group, picture), { on: "loopback", index: 1 });
    picture.apply({ kind: "link", link: linkOf(4, "lo") });
    picture.apply({ kind: "link", link: linkOf(7, "g") });
    assert.deepEqual(anchorOf(group, picture), { on: "loopback", index: 4 });
    const ours = { ...linkOf(7, "g"), alias: OUR_LINK_ALIAS };
    picture.apply({ kind: "link", link: ours });
    assert.deepEqual(anchorOf(group, picture), { on: "link", link: ours });
  });
});
