import assert from "node:assert/strict";
import { missing, surplus } from "../../../../src/core/kernel-state/difference.ts";
import { type InterfaceAddress, OUR_PROTOCOL } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { nothingWanted, type WantedAddress } from "../../../../src/core/kernel-state/wanted.ts";

const WANTED: WantedAddress = {
  index: 2,
  family: 6,
  address: "fe80::20",
  prefixLength: 64,
  scope: "link",
  deprecated: true,
};

/** What is asked for where the address is wanted, and this is there. */
function askedBeside(changes: Partial<InterfaceAddress> | undefined): unknown[] {
  const picture = new Picture();
  const seen = { ...WANTED, protocol: OUR_PROTOCOL, tentative: false, ...changes };
  const nothing = { links: [], nextHops: [], routes: [], otherRoutes: [], settings: {}, kept: [] };
  picture.replace({ ...nothing, addresses: changes === undefined ? [] : [seen] });
  const wanted = { ...nothingWanted(), memberAddresses: [WANTED] };
  return [...missing(picture, wanted), ...surplus(picture, wanted)];
}

describe("an address that is wanted", () => {
  it("is asked for where it is not, and left alone where it is", () => {
    assert.deepEqual(askedBeside(undefined), [{ op: "set-address", ...WANTED, replace: false }]);
    assert.deepEqual(askedBeside({}), []);
    assert.deepEqual(askedBeside({ protocol: 0, deprecated: false }), []);
  });

  it("is replaced where it is ours and not as wanted; one with another prefix length has to go first", () => {
    assert.deepEqual(askedBeside({ deprecated: false }), [{ op: "set-address", ...WANTED, replace: true }]);
    const gone = { op: "remove-address", index: 2, family: 6, address: "fe80::20", prefixLength: 128 };
    assert.deepEqual(askedBeside({ prefixLength: 128 }), [gone]);
  });
});
