import assert from "node:assert/strict";
import { contains, isLinkLocal6 } from "../../../src/core/subnet.ts";
import { addressPrefix } from "../../support/simulated-configuration.ts";

const INSIDE: readonly [subnet: string, address: string][] = [
  ["192.0.2.10/24", "192.0.2.255"],
  ["10.1.2.3/8", "10.255.0.1"],
  ["192.0.2.10/31", "192.0.2.11"],
  ["192.0.2.10/32", "192.0.2.10"],
  ["2001:db8::10/64", "2001:db8::ffff"],
  ["2001:db8::10/64", "2001:db8:0:0:1:2:3:4"],
  ["2001:db8:1::/33", "2001:db8:7fff::1"],
  ["fe80::1/10", "febf::1"],
  ["::ffff:192.0.2.1/120", "::ffff:192.0.2.200"],
  ["2001:db8::/32", "2001:db8::"],
];

const OUTSIDE: readonly [subnet: string, address: string][] = [
  ["192.0.2.10/24", "192.0.3.10"],
  ["192.0.2.10/31", "192.0.2.12"],
  ["192.0.2.10/24", "::ffff:192.0.2.11"],
  ["2001:db8::10/64", "192.0.2.10"],
  ["2001:db8::10/64", "2001:db8:0:1::10"],
  ["2001:db8:1::/33", "2001:db8:8000::1"],
  ["::ffff:192.0.2.1/120", "::ffff:192.0.3.1"],
];

describe("a subnet", () => {
  for (const [subnet, address] of INSIDE)
    it(`${subnet} contains ${address}`, () => assert.equal(contains(addressPrefix(subnet), address), true));
  for (const [subnet, address] of OUTSIDE)
    it(`${subnet} does not contain ${address}`, () => assert.equal(contains(addressPrefix(subnet), address), false));

  it("is link-local from fe80 to febf, in IPv6 only", () => {
    const addresses = ["fe80::1", "febf::1", "fec0::1", "2001:db8::1", "169.254.0.1"];
    assert.deepEqual(addresses.filter(isLinkLocal6), ["fe80::1", "febf::1"]);
  });
});
