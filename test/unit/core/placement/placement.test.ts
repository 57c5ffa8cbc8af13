import assert from "node:assert/strict";
import fc from "fast-check";
import type { DataAddressConfiguration } from "../../../../src/core/configuration.ts";
import { place } from "../../../../src/core/placement/placement.ts";

function data(address: string, prefer?: string): DataAddressConfiguration {
  const family = address.includes(":") ? 6 : 4;
  const fields = { family, address, prefixLength: 24, subnet: "", broadcast: "" } as const;
  return prefer === undefined ? fields : { ...fields, prefer };
}

/** They carry both families. */
const both = (members: readonly string[]) => () => members;

const FOUR = ["A1", "A2", "A3", "A4"].map((address) => data(address));
const hosts = (hosting: ReadonlyMap<string, string>) =>
  [...hosting].map(([address, host]) => `${address}@${host}`).join(" ");

describe("placement of data addresses", () => {
  it("binds each new address to the least loaded member, the first on ties", () => {
    assert.equal(hosts(place(FOUR, both(["a", "b"]), new Map())), "A1@a A2@b A3@a A4@b");
  });

  it("moves only what has lost its member", () => {
    const before = place(FOUR, both(["a", "b"]), new Map());
    assert.equal(hosts(place(FOUR, both(["a"]), before)), "A1@a A2@a A3@a A4@a");
    assert.equal(hosts(place(FOUR, both(["a", "c"]), before)), "A1@a A2@c A3@a A4@c");
  });

  it("levels to a difference of one when a member joins: 4 become 2 + 2, 3 become 2 + 1, 1 stays", () => {
    const all = (count: number) => new Map(FOUR.slice(0, count).map(({ address }) => [address, "a"]));
    assert.equal(hosts(place(FOUR, both(["a", "b"]), all(4))), "A1@a A2@a A3@b A4@b");
    assert.equal(hosts(place(FOUR.slice(0, 3), both(["a", "b"]), all(3))), "A1@a A2@a A3@b");
    assert.equal(hosts(place(FOUR.slice(0, 1), both(["a", "b"]), all(1))), "A1@a");
  });

  it("levels by taking from the fullest, the first on ties", () => {
    const seven = ["A1", "A2", "A3", "A4", "A5", "A6", "A7"].map((address) => data(address));
    const before = new Map(seven.map(({ address }, at) => [address, at < 3 ? "a" : "b"]));
    assert.equal(hosts(place(seven, both(["a", "b", "c"]), before)), "A1@a A2@a A3@c A4@b A5@b A6@b A7@c");
  });

  it("balances the families independently", () => {
    const mixed = [data("A1"), data("::1"), data("::2"), data("A2")];
    assert.equal(hosts(place(mixed, both(["a", "b"]), new Map())), "A1@a ::1@a ::2@b A2@b");
  });

  it("puts an address on its preferred member while that carries data, whatever the balance", () => {
    const preferred = FOUR.map(({ address }) => data(address, "b"));
    assert.equal(hosts(place(preferred, both(["a", "b"]), new Map())), "A1@b A2@b A3@b A4@b");
    assert.equal(hosts(place(preferred, both(["a"]), new Map())), "A1@a A2@a A3@a A4@a");
  });

  it("hosts nothing while nobody carries data", () => {
    assert.equal(place(FOUR, both([]), new Map([["A1", "a"]])).size, 0);
  });

  it("hosts a family on those that carry it, and nothing of one that nobody carries, in the order of the configuration", () => {
    const mixed = [data("::1"), data("A1"), data("::2"), data("A2")];
    const carrying = (four: string[], six: string[]) => (family: 4 | 6) => (family === 4 ? four : six);
    assert.equal(hosts(place(mixed, carrying(["a", "b"], ["b"]), new Map())), "::1@b A1@a ::2@b A2@b");
    assert.equal(hosts(place(mixed, carrying(["a"], []), new Map([["::1", "a"]]))), "A1@a A2@a");
  });

  it("hosts everything, level, and is content with its own answer, whatever was before", () => {
    const members = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 });
    const texts = fc.uniqueArray(fc.nat(60).map((n) => (n % 3 === 0 ? `::${n}` : `A${n}`)));
    const present = fc.dictionary(
      fc.nat(60).map((n) => `A${n}`),
      fc.constantFrom("a", "b", "c", "gone"),
    );
    fc.assert(
      fc.property(members, texts, present, (carrying, addresses, before) => {
        const configured = addresses.map((address) => data(address));
        const hosting = place(configured, both(carrying), new Map(Object.entries(before)));
        assert.deepEqual([...hosting.keys()], addresses);
        for (const family of [4, 6]) {
          const loads = carrying.map(
            (name) => configured.filter((one) => one.family === family && hosting.get(one.address) === name).length,
          );
          assert.ok(Math.max(...loads) - Math.min(...loads) <= 1);
        }
        assert.deepEqual(place(configured, both(carrying), hosting), hosting);
      }),
    );
  });
});
