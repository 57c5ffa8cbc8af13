/**
 * A member that carries data without an IPv4 address of its own has to ask its neighbours with some sender. It must be the data address
 * of its group: asked by a stranger's subnet a strict neighbour does not answer, and every flow through that member is lost.
 */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";

const refusal = await enterSandbox();

/** One data address for two members: one of them has none. */
const CONFIGURATION = "groups: { ipmp0: { interfaces: { eth0: , eth1: }, addresses: [192.0.2.10/24] } }\n";
/** The kernel would take this one first: lo is the first link of every host. */
const OTHER_ADDRESS = "10.77.0.5";
/** Enough of them that each member is chosen for some. */
const PEERS = Array.from({ length: 16 }, (_, at) => `192.0.2.${101 + at}`);

describe("a member without an IPv4 address", () => {
  let laboratory: Laboratory;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ peer: true, duplicateAddressDetection: false });
    await laboratory.ip("host", [`address add ${OTHER_ADDRESS}/32 dev lo`]);
    const [link] = await laboratory.ipJson<{ dev: string }>("peer", "route", "show", "192.0.2.0/24");
    await laboratory.ip(
      "peer",
      PEERS.map((address) => `address add ${address}/24 dev ${link?.dev}`),
    );
    for (const scope of ["all", link?.dev]) {
      await laboratory.run("peer", ["sysctl", "-qw", `net.ipv4.conf.${scope}.rp_filter=1`]);
    }
    const daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await daemon.until("both members", (seen) => seen.groups[0]?.active.length === 2);
  });

  after(() => laboratory?.close());

  it("asks with the data address, and is answered by strict neighbours", async () => {
    for (const peer of PEERS) await laboratory.run("host", ["ping", "-c1", "-W2", peer]);
    const used = await laboratory.ipJson<{ dst: string; dev: string }>("host", "-4", "neighbour", "show");
    const through = (dev: string) => used.filter((one) => one.dev === dev && PEERS.includes(one.dst)).length;
    assert.ok(through("eth0") > 0 && through("eth1") > 0, `not spread: ${JSON.stringify(used)}`);
    const learned = await laboratory.ipJson<{ dst: string }>("peer", "-4", "neighbour", "show");
    assert.equal(
      learned.some(({ dst }) => dst === OTHER_ADDRESS),
      false,
      JSON.stringify(learned),
    );
  });
});
