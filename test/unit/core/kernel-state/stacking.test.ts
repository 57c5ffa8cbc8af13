import assert from "node:assert/strict";
import type { Link } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { stackOf, withCarrierBelow } from "../../../../src/core/kernel-state/stacking.ts";
import { linkOf } from "../probing/support.ts";

function links(...all: readonly Link[]): ReadonlyMap<number, Link> {
  return new Map(all.map((link) => [link.index, link]));
}

describe("links that stand on others", () => {
  const card = linkOf(1, "eth0");
  const vlan = { ...linkOf(2, "eth0.100"), lower: 1 };
  const macvlan = { ...linkOf(3, "m0"), lower: 2 };

  it("are followed down to the last one that is known", () => {
    const indexes = (...all: readonly Link[]) => stackOf(3, links(...all)).map(({ index }) => index);
    assert.deepEqual(indexes(card, vlan, macvlan), [3, 2, 1]);
    assert.deepEqual(indexes(vlan, macvlan), [3, 2]);
    assert.deepEqual(indexes(card), []);
  });

  it("that stand on each other are followed once", () => {
    assert.equal(stackOf(2, links(vlan, { ...card, lower: 2 })).length, 2);
  });

  it("carry nothing where one below does not", () => {
    const carries = (changed: Partial<Link>) =>
      withCarrierBelow(macvlan, links({ ...card, ...changed }, vlan, macvlan)).carrier;
    assert.ok(carries({}));
    for (const changed of [{ carrier: false }, { adminUp: false }, { running: false }]) assert.ok(!carries(changed));
    assert.ok(!withCarrierBelow({ ...macvlan, carrier: false }, links(card, vlan, macvlan)).carrier);
  });
});
