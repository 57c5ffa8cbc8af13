import assert from "node:assert/strict";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { bar, endBarring, unbar } from "../../../../src/core/placement/barring.ts";
import { addressPrefix } from "../../../support/simulated-configuration.ts";
import { Bench, linkOf } from "../probing/support.ts";

const WISH: KernelRequest = {
  ...{ op: "set-address", index: 1, family: 4, address: "192.0.2.10", prefixLength: 32 },
  ...{ scope: "universe", deprecated: false, replace: false },
};

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
    assert.deepEqual(told, { id: "interface-barred", interface: "a", group: "g", family: 4, code: "EACCES", text: "" });
    assert.deepEqual([...(group.members[0]?.barred.keys() ?? [])], [4]);
  });

  it("follows only from refusals that will last, of an address on the member that is to host it", () => {
    const { group } = benchOf("a");
    assert.equal(bar([group], refusal(WISH, "EBUSY"), 0), undefined);
    assert.equal(bar([group], refusal({ op: "set-link-up", index: 1 }), 0), undefined);
    assert.equal(bar([group], refusal({ ...WISH, index: 9 }), 0), undefined);
    assert.equal(bar([benchOf("b").group], refusal(WISH), 0), undefined);
  });

  it("ends when something changes on the link that is not our doing, or in the course of time", () => {
    const { group } = benchOf("a");
    const [a] = group.members;
    const address = { index: 1, family: 4, address: "198.51.100.1", prefixLength: 24, scope: "universe" } as const;
    const marks = { tentative: false, deprecated: false };
    bar([group], refusal(WISH), 0);
    unbar([group], { kind: "address", address: { ...address, ...marks, protocol: 77 } });
    unbar([group], { kind: "link", link: linkOf(2, "b") });
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
