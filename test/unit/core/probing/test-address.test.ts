import assert from "node:assert/strict";
import type { InterfaceAddress } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import {
  chooseTestAddress,
  findAddress,
  isDuplicate,
  isOnLink,
  isUsable,
  reaches,
} from "../../../../src/core/probing/test-address.ts";
import { prefix } from "./support.ts";

const A = prefix("192.0.2.21/24");
const B = prefix("192.0.2.22/24");
const LOCAL = prefix("fe80::21/64");
const GLOBAL = { ...prefix("2001:db8::21/64"), subnet: "2001:db8::/64" };

type Traits = Partial<InterfaceAddress>;

/** A stranger's plain addresses on link 1, unless told otherwise. */
function pictureOf(...seen: readonly (Traits & Pick<InterfaceAddress, "address">)[]): Picture {
  const picture = new Picture();
  for (const traits of seen) {
    const family = traits.address.includes(":") ? 6 : 4;
    const place = { index: 1, family, prefixLength: family === 4 ? 32 : 128, scope: "universe", protocol: 0 } as const;
    picture.apply({ kind: "address", address: { ...place, tentative: false, deprecated: false, ...traits } });
  }
  return picture;
}

const choose4 = (picture: Picture, present?: typeof A) => chooseTestAddress([A, B], 4, picture, 1, present)?.address;

describe("test address", () => {
  it("T84: of two IPv4 addresses the deprecated one is used, or the one that we put there", () => {
    const plain = { address: A.address };
    assert.equal(choose4(pictureOf(plain, { address: B.address, deprecated: true })), B.address);
    assert.equal(choose4(pictureOf(plain, { address: B.address, protocol: 77 })), B.address);
    assert.equal(choose4(pictureOf(plain, { address: B.address, deprecated: true }), A), B.address);
    assert.equal(choose4(pictureOf(plain, { address: B.address })), A.address);
    assert.equal(choose4(pictureOf({ address: B.address })), B.address);
  });

  it("stays the same while it is good, or just as good as the others", () => {
    const both = [A, B].map(({ address }) => ({ address, deprecated: true }));
    assert.equal(choose4(pictureOf(...both), B), B.address);
    assert.equal(choose4(pictureOf({ address: A.address }, { address: B.address }), B), B.address);
  });

  it("stays chosen while it is missing or tentative: the choice follows the configuration", () => {
    assert.equal(choose4(pictureOf({ address: B.address, deprecated: true }), A), A.address);
    assert.equal(choose4(pictureOf()), A.address);
    assert.equal(choose4(pictureOf({ address: A.address, tentative: true }, { address: B.address })), B.address);
    assert.equal(chooseTestAddress([B], 4, pictureOf(), 1, A)?.address, B.address);
  });

  it("T87: in another subnet it is another one", () => {
    const moved = { ...A, prefixLength: 25, subnet: "192.0.2.0/25" };
    assert.equal(chooseTestAddress([moved], 4, pictureOf(), 1, A), moved);
  });

  it("T85: a global IPv6 address is not used", () => {
    const picture = pictureOf({ address: GLOBAL.address }, { address: LOCAL.address });
    assert.equal(chooseTestAddress([GLOBAL, A], 6, picture, 1, undefined), undefined);
    assert.equal(chooseTestAddress([GLOBAL, LOCAL], 6, picture, 1, undefined), LOCAL);
  });

  it("is usable when it is on the link and not in duplicate address detection", () => {
    assert.equal(isUsable(A, pictureOf(), 1), false);
    assert.equal(isUsable(A, pictureOf({ address: A.address, tentative: true }), 1), false);
    assert.ok(isUsable(A, pictureOf({ address: A.address }), 1));
    assert.equal(isUsable(A, pictureOf({ address: A.address, index: 2 }), 1), false);
  });

  it("is found with the prefix length of its subnet, too", () => {
    const picture = pictureOf({ address: A.address, prefixLength: 24 }, { address: LOCAL.address, prefixLength: 64 });
    assert.ok(findAddress(A, picture, 1));
    assert.ok(findAddress(LOCAL, picture, 1));
  });

  it("is a duplicate where a stranger has put it on another member's link", () => {
    assert.ok(isDuplicate(A, pictureOf({ address: A.address, index: 2 }), [2]));
    assert.equal(isDuplicate(A, pictureOf({ address: A.address, index: 2, protocol: 77 }), [2]), false);
    assert.equal(isDuplicate(A, pictureOf({ address: A.address, index: 2 }), [3]), false);
  });
});

describe("addresses of targets", () => {
  it("are on the link of the test address", () => {
    assert.ok(isOnLink("192.0.2.1", A));
    assert.equal(isOnLink("192.0.3.1", A), false);
    assert.ok(isOnLink("192.0.3.1", { ...A, prefixLength: 23, subnet: "192.0.2.0/23" }));
    assert.equal(isOnLink("192.0.2.1", { ...A, prefixLength: 28 }), false);
    assert.equal(isOnLink("0.0.0.0", A), false);
    assert.ok(isOnLink("febf::1", LOCAL));
    assert.equal(isOnLink("fec0::1", LOCAL), false);
    assert.equal(isOnLink("::", LOCAL), false);
  });

  it("can be reached from the test address, or from any data address where there is none, or not at all", () => {
    const addresses = [prefix("198.51.100.10/24"), prefix("192.0.2.10/24")];
    const transitive = { addresses, from: undefined, since: 0, echo: "untried", unanswered: 0 } as const;
    assert.ok(reaches({ testAddress: A, transitive: undefined }, "192.0.2.1"));
    assert.equal(reaches({ testAddress: A, transitive: undefined }, "198.51.100.1"), false);
    assert.ok(reaches({ testAddress: undefined, transitive }, "192.0.2.1"));
    assert.equal(reaches({ testAddress: undefined, transitive }, "203.0.113.1"), false);
    assert.equal(reaches({ testAddress: undefined, transitive: undefined }, "192.0.2.1"), false);
  });
});
