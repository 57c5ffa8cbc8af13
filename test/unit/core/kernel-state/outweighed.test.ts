import assert from "node:assert/strict";
import { findOutweighed } from "../../../../src/core/kernel-state/outweighed.ts";
import { Bench, type Setting } from "../probing/support.ts";

const A = "192.0.2.21/24";
const B = "192.0.2.22/24";

/** What is said of a group on a host with these settings of all links. */
function said(setting: Setting, ofAll: Readonly<Record<string, string>>): string[] {
  const bench = new Bench(setting);
  bench.said.splice(0);
  for (const [name, value] of Object.entries(ofAll)) bench.picture.settings.set(`all/ipv4.${name}`, value);
  findOutweighed(bench.group, bench.picture, bench.log);
  return bench.said.map((message) =>
    message.id === "setting-outweighed" ? `${message.key} ${message.value} > ${message.needed}` : message.id,
  );
}

describe("settings of all links", () => {
  it("are named where they outweigh those of the members", () => {
    const setting = { members: { a: [A], b: [B] } };
    assert.deepEqual(said(setting, { arp_filter: "1", arp_ignore: "2" }), [
      "ipv4.arp_ignore 2 > 1",
      "ipv4.arp_filter 1 > 0",
    ]);
    assert.deepEqual(said(setting, { arp_filter: "0", arp_ignore: "1", arp_announce: "2", rp_filter: "1" }), []);
    assert.deepEqual(said(setting, {}), []);
  });

  it("must leave arp_announce at 0 where a member may have no address of its own to ask with", () => {
    const ofAll = { arp_announce: "1" };
    assert.deepEqual(said({ members: { a: [A], b: [] } }, ofAll), ["ipv4.arp_announce 1 > 0"]);
    assert.deepEqual(said({ members: { a: [A], b: ["fe80::2/64"] } }, ofAll), ["ipv4.arp_announce 1 > 0"]);
    assert.deepEqual(said({ members: { a: [A], b: [B] } }, ofAll), []);
    assert.deepEqual(said({ members: { a: [] } }, ofAll), []);
  });

  it("are no matter of groups without IPv4, or of links in no group", () => {
    const ofAll = { arp_filter: "1" };
    assert.deepEqual(said({ members: { a: ["fe80::1/64"] } }, ofAll), []);
    assert.deepEqual(said({ members: { a: [] }, anonymous: true }, ofAll), []);
  });

  it("are named once, and once more when they are over", () => {
    const bench = new Bench({ members: { a: [A] } });
    const look = (value: string) => {
      bench.said.splice(0);
      bench.picture.settings.set("all/ipv4.arp_filter", value);
      findOutweighed(bench.group, bench.picture, bench.log);
      return bench.said.map(({ id }) => id);
    };
    assert.deepEqual(look("1"), ["setting-outweighed"]);
    assert.deepEqual(look("1"), []);
    assert.deepEqual(look("0"), ["setting-in-force"]);
    assert.deepEqual(look("0"), []);
  });
});
