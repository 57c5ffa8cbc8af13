import assert from "node:assert/strict";
import type { KernelNotice } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { isAble, mayHost, noteLacks, raisesDoubt } from "../../../../src/core/members/families.ts";
import { Bench, linkOf } from "../probing/support.ts";

const LINK_LOCAL = { index: 1, family: 6, address: "fe80::1", prefixLength: 64, scope: "link" } as const;
const MARKS = { protocol: 0, tentative: false, deprecated: false } as const;
const gone: KernelNotice = { kind: "address-removed", address: { ...LINK_LOCAL, ...MARKS } };
const come: KernelNotice = { kind: "address", address: { ...LINK_LOCAL, ...MARKS } };

function benchOf(disabled?: string, mtu = 1500): Bench {
  const bench = new Bench({ members: { a: [], b: [] } });
  bench.setLink(bench.member("a"), { ...linkOf(1, "a"), mtu });
  if (disabled !== undefined) bench.picture.settings.set("a/ipv6.disable_ipv6", disabled);
  noteLacks(bench.group, bench.picture);
  return bench;
}

describe("families of a link", () => {
  it("are lacking for its MTU, for a switch, or where the kernel has none", () => {
    const lacks = (disabled?: string, mtu?: number) => [...benchOf(disabled, mtu).member("a").lacks];
    assert.deepEqual(lacks(), []);
    assert.deepEqual(lacks("0"), []);
    assert.deepEqual(lacks("1"), [[6, "net.ipv6.conf.a.disable_ipv6 is 1"]]);
    assert.deepEqual(lacks("none"), [[6, "the kernel has no IPv6 there"]]);
    assert.deepEqual(lacks("in doubt"), [[6, ""]]);
    assert.deepEqual(lacks("none", 1279), [[6, "its MTU is 1279, and IPv6 needs 1280"]]);
    assert.deepEqual(
      lacks("0", 67).map(([family]) => family),
      [4, 6],
    );
  });

  it("decide who may be given what; of a member without a link nothing is known", () => {
    const { group, ...bench } = benchOf("1");
    assert.deepEqual([mayHost(group, "a", 6), mayHost(group, "a", 4), mayHost(group, "b", 6)], [false, true, true]);
    group.members[1]?.barred.set(4, 1);
    assert.deepEqual([mayHost(group, "b", 4), mayHost(group, "elsewhere", 4)], [false, true]);
    const [a] = group.members;
    assert.ok(a);
    a.link = undefined;
    noteLacks(group, bench.picture);
    assert.equal(isAble(a, 6), true);
  });

  it("are in doubt when the link-local address goes while the link is up, and when it comes where there was none", () => {
    const { picture } = benchOf("0");
    const other: KernelNotice = { kind: "address-removed", address: { ...gone.address, scope: "universe" } };
    assert.deepEqual(
      [gone, come, other].map((notice) => raisesDoubt(notice, picture)),
      [true, false, false],
    );
    picture.settings.set("a/ipv6.disable_ipv6", "1");
    assert.equal(raisesDoubt(come, picture), true);
    picture.links.set(1, { ...linkOf(1, "a"), adminUp: false });
    assert.equal(raisesDoubt(gone, picture), false);
    picture.links.delete(1);
    assert.equal(raisesDoubt(gone, picture), false);
    assert.equal(raisesDoubt({ kind: "next-hop-removed", id: 7 }, picture), false);
  });

  it("are in doubt when the MTU crosses what IPv6 needs", () => {
    const { picture } = benchOf();
    const changed = (mtu: number, index = 1) =>
      raisesDoubt({ kind: "link", link: { ...linkOf(index, "a"), mtu } }, picture);
    assert.deepEqual([changed(1279), changed(1280), changed(1279, 9)], [true, false, false]);
  });

  it("are believed to be gone from a link that has lost its link-local address, until they are read", () => {
    const { picture } = benchOf("0");
    const value = () => picture.settings.get("a/ipv6.disable_ipv6");
    picture.apply(gone);
    assert.equal(value(), "0", "nobody had it");
    picture.apply(come);
    picture.apply({ kind: "address", address: { ...come.address, address: "2001:db8::1", scope: "universe" } });
    picture.apply({ kind: "address-removed", address: { ...gone.address, address: "2001:db8::1", scope: "universe" } });
    assert.equal(value(), "0", "it has it still");
    picture.apply(gone);
    assert.equal(value(), "in doubt");
  });
});
