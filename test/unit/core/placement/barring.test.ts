import assert from "node:assert/strict";
import type { Group, Member } from "../../../../src/core/group.ts";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { impedimentOf } from "../../../../src/core/members/families.ts";
import { absolve, bar, endBarring, unbar } from "../../../../src/core/placement/barring.ts";
import { addressPrefix } from "../../../support/simulated-configuration.ts";
import { Bench, linkOf } from "../probing/support.ts";

const WISH: KernelRequest = {
  ...{ op: "set-address", index: 1, family: 4, address: "192.0.2.10", prefixLength: 32 },
  ...{ scope: "universe", deprecated: false, replace: false },
};

const HOP = { op: "set-next-hop", id: 5, family: 4, index: 1, gateway: "" } as const;

function memberA({ members }: Group): Member {
  assert.ok(members[0]);
  return members[0];
}

function benchOf(host: string): Bench {
  const bench = new Bench({ members: { a: [], b: [] }, addresses: [addressPrefix("192.0.2.10/24")] });
  bench.group.hosting.set("192.0.2.10", host);
  return bench;
}

function refusal(request: KernelRequest, code = "EACCES") {
  return { request, code, text: "", times: 2 };
}

describe("barring", () => {
  it("keeps a member from hosting a family whose addresses the kernel refuses it", () => {
    const { group } = benchOf("a");
    const told = bar([group], refusal(WISH), 0);
    const fields = { interface: "a", group: "g", family: 4, others: true, code: "EACCES", text: "" };
    assert.deepEqual(told, { message: { id: "interface-barred", ...fields } });
    assert.deepEqual([...(group.members[0]?.barred.keys() ?? [])], [4]);
    assert.equal(impedimentOf(memberA(group), 4), "the kernel refuses it: EACCES");
  });

  it("is said once, until something of that family is granted there, and tells whether another can", () => {
    const { group } = benchOf("a");
    bar([group], refusal({ ...WISH, index: 2 }), 0);
    const told = bar([group], { ...refusal(HOP, "EPERM"), text: "no" }, 0);
    assert.ok(told?.message?.id === "interface-barred" && !told.message.others);
    assert.equal(impedimentOf(memberA(group), 4), "the kernel refuses it: EPERM (no)");
    endBarring(group, 300_000);
    assert.deepEqual(bar([group], refusal(HOP), 300_000), { message: undefined });
    endBarring(group, 600_000);
    absolve([group], { op: "remove-next-hop", id: 7 });
    absolve([group], { ...HOP, index: 2 });
    assert.notEqual(impedimentOf(memberA(group), 4), undefined);
    absolve([group], HOP);
    assert.equal(impedimentOf(memberA(group), 4), undefined);
  });

  it("follows only from refusals that will last, of an address or a next hop of the member itself", () => {
    const { group } = benchOf("a");
    assert.equal(bar([group], refusal(WISH, "EBUSY"), 0), undefined);
    assert.equal(bar([group], refusal({ op: "set-link-up", index: 1 }), 0), undefined);
    assert.equal(bar([group], refusal({ ...WISH, index: 9 }), 0), undefined);
    assert.equal(bar([group], refusal({ ...HOP, gateway: "192.0.2.1" }), 0), undefined);
  });

  it("ends when something changes on the link that is not our doing, or in the course of time", () => {
    const { group } = benchOf("a");
    const [a] = group.members;
    const address = { index: 1, family: 4, address: "198.51.100.1", prefixLength: 24, scope: "universe" } as const;
    const marks = { tentative: false, deprecated: false };
    bar([group], refusal(WISH), 0);
    unbar([group], { kind: "address", address: { ...address, ...marks, protocol: 77 } });
    assert.equal(unbar([group], { kind: "link", link: linkOf(2, "b") }), 2);
    assert.equal(unbar([group], { kind: "link", link: linkOf(9, "z") }), undefined);
    assert.equal(a?.barred.size, 1);
    unbar([group], { kind: "address", address: { ...address, ...marks, protocol: 0 } });
    assert.equal(a?.barred.size, 0);
    bar([group], refusal(WISH), 0);
    endBarring(group, 299_999);
    assert.equal(a?.barred.size, 1);
    endBarring(group, 300_000);
    assert.equal(a?.barred.size, 0);
  });
});
