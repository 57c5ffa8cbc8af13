import assert from "node:assert/strict";
import { Demands } from "../../../../src/core/kernel-state/demands.ts";
import { NextHopIds } from "../../../../src/core/kernel-state/next-hop-ids.ts";
import { Bench } from "../probing/support.ts";

describe("what the groups want of the kernel", () => {
  it("is nothing before it has been worked out, and nothing once the group is no more", () => {
    const { group, picture } = new Bench({});
    const demands = new Demands(picture, new NextHopIds(picture));
    const asked = () => [demands.missing(group).map(({ op }) => op), demands.all().map(({ op }) => op)];
    demands.retain([group]);
    assert.deepEqual(asked(), [[], ["set-setting"]]);
    demands.renew(group);
    assert.deepEqual(asked(), [["create-link"], ["set-setting", "create-link"]]);
    demands.retain([]);
    assert.deepEqual(asked(), [[], []]);
  });
});
