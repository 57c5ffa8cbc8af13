import assert from "node:assert/strict";
import {
  type NextHop,
  OUR_NEXT_HOP_IDS,
  OUR_PROTOCOL,
  ROUTE_TABLE,
  type Route,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { NextHopIds } from "../../../../src/core/kernel-state/next-hop-ids.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";

const { first, last } = OUR_NEXT_HOP_IDS;

function single(id: number, traits: Partial<NextHop> = {}): NextHop {
  return { id, protocol: OUR_PROTOCOL, family: 4, index: 2, gateway: "", group: [], ...traits };
}

function idsBeside(...nextHops: NextHop[]): NextHopIds {
  const picture = new Picture();
  for (const nextHop of nextHops) picture.apply({ kind: "next-hop", nextHop });
  return new NextHopIds(picture);
}

describe("ids of next hops", () => {
  it("stay, and are the first free ones of our range", () => {
    const ids = idsBeside(single(first, { protocol: 3 }));
    assert.deepEqual(
      [ids.single(4, 2, ""), ids.single(4, 3, ""), ids.single(4, 2, "")],
      [first + 1, first + 2, first + 1],
    );
  });

  it("are those of what an earlier daemon left, if they are of our range", () => {
    assert.equal(idsBeside(single(first + 7)).single(4, 2, ""), first + 7);
    assert.equal(idsBeside(single(4_711)).single(4, 2, ""), first);
    assert.equal(idsBeside(single(first + 7, { protocol: 3 })).single(4, 2, ""), first);
    assert.equal(idsBeside(single(first + 7, { index: 0, group: [first] })).single(4, 2, ""), first);
    assert.equal(idsBeside(single(first + 7, { gateway: "192.0.2.1" })).single(4, 2, ""), first);
  });

  it("are those of the routes that an earlier daemon left, each for one group of next hops only", () => {
    const picture = new Picture();
    const route: Route = {
      ...{ family: 4, destination: "192.0.2.0/24", table: ROUTE_TABLE.main, metric: 0, type: "unicast", scope: "link" },
      ...{ protocol: OUR_PROTOCOL, nextHopId: first + 7, index: 0, source: "" },
    };
    picture.apply({ kind: "next-hop", nextHop: single(first, {}) });
    picture.apply({ kind: "next-hop", nextHop: single(first + 7, { family: 0, index: 0, group: [first] }) });
    picture.apply({ kind: "route", route });
    const ids = new NextHopIds(picture);
    assert.deepEqual([ids.group(4, "g on-link", route), ids.group(4, "h on-link", route)], [first + 7, first + 1]);
    assert.equal(new NextHopIds(picture).group(6, "g on-link", route), first + 1, "of the other family");
  });

  it("tell which objects the kernel refuses, until it takes them or their link is gone", () => {
    const ids = idsBeside();
    const [one, other] = [ids.single(4, 2, ""), ids.single(6, 2, "")];
    ids.note(one, false);
    ids.note(other, false);
    ids.note(one, true);
    assert.deepEqual([ids.isRefused(one), ids.isRefused(other)], [false, true]);
    ids.forgetLink(2);
    assert.equal(ids.isRefused(other), false);
  });

  it("tell of no refusal once the object is there, whatever has been heard of it", () => {
    const picture = new Picture();
    const ids = new NextHopIds(picture);
    const id = ids.single(4, 2, "");
    ids.note(id, false);
    picture.apply({ kind: "next-hop", nextHop: single(id) });
    assert.equal(ids.isRefused(id), false);
  });

  it("are given up where something else has taken the place", () => {
    const picture = new Picture();
    const ids = new NextHopIds(picture);
    assert.equal(ids.single(4, 2, ""), first);
    picture.apply({ kind: "next-hop", nextHop: single(first, { index: 9 }) });
    assert.equal(ids.single(4, 2, ""), first + 1);
  });

  it("are forgotten with the link or the group", () => {
    const ids = idsBeside();
    const before = [ids.single(4, 2, ""), ids.group(4, "g 4", undefined)];
    ids.forgetLink(2);
    ids.forgetGroups("g ");
    assert.deepEqual([ids.group(4, "g 4", undefined), ids.single(4, 2, "")], before);
  });

  it("can not all be in use: that would be our own fault", () => {
    const all = Array.from({ length: last - first + 1 }, (_, at) => single(first + at, { protocol: 3 }));
    assert.throws(
      () => idsBeside(...all).single(4, 2, ""),
      /assertion failed: all next-hop ids of our range are taken/,
    );
  });
});
