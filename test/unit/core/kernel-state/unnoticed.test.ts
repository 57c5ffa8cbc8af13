import assert from "node:assert/strict";
import type { KernelPicture, Link, NextHop } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { OUR_PROTOCOL } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { lostNextHops } from "../../../../src/core/kernel-state/unnoticed.ts";
import { linkOf } from "../probing/support.ts";

function dumpOf(links: readonly Link[], nextHops: readonly NextHop[]): KernelPicture {
  return { links, nextHops, addresses: [], routes: [], otherRoutes: [], settings: {}, kept: [] };
}

function single(id: number, protocol: number = OUR_PROTOCOL): NextHop {
  return { id, family: 4, index: 1, gateway: "", group: [], protocol };
}

describe("what a dump tells of the past", () => {
  const eth0 = linkOf(1, "eth0");

  function isLost(before: readonly NextHop[], after: readonly NextHop[], links = [eth0]): boolean {
    const picture = new Picture();
    picture.replace(dumpOf(links, before));
    return lostNextHops(picture, dumpOf([eth0], after));
  }

  it("a single next hop of ours that is gone although its link is there", () => {
    assert.equal(isLost([single(7)], []), true);
    assert.equal(isLost([single(7)], [single(7)]), false);
  });

  it("groups go with their members, others' objects are nothing to us, and with a link all its next hops go", () => {
    assert.equal(isLost([{ ...single(8), index: 0, group: [7] }], []), false);
    assert.equal(isLost([single(7, 4)], []), false);
    assert.equal(isLost([single(7)], [], []), false);
  });
});
