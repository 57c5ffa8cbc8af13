/** What the neighbours are told when an address has moved, as they see it on the wire. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { allBehind, routersNeighbours } from "../support/neighbours.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, DATA, ONE_AND_STANDBY, standardConfiguration, standardPicture } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Arp, readAdvertisement, readArp, readIpv4, WireTap } from "../support/wire-tap.ts";

const refusal = await enterSandbox();

const MAC = { eth0: "02:00:00:00:01:00", eth1: "02:00:00:00:01:01" } as const;
const EVERYBODY = "ff:ff:ff:ff:ff:ff";
const ALL_NODES = "ff02:0:0:0:0:0:0:1";
const SIX_IN_FULL = "2001:db8:0:0:0:0:0:10";

describe("the neighbours of a group", () => {
  let laboratory: Laboratory;
  let tap: WireTap;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    for (const address of Object.values(DATA)) await laboratory.run("router", ["ping", "-c1", "-W2", address]);
    tap = await WireTap.start(laboratory, "router", "lan");
  });

  after(() => laboratory?.close());

  function gratuitous(address: string): Arp[] {
    return tap.seen(readArp).filter(({ senderAddress, targetAddress }) => {
      return senderAddress === address && targetAddress === address;
    });
  }

  function advertised() {
    return tap.seen(readAdvertisement).filter(({ target }) => target === SIX_IN_FULL);
  }

  it("learn the new card without asking", async () => {
    assert.deepEqual(await routersNeighbours(laboratory), allBehind(MAC.eth0));
    tap.clear();
    await laboratory.pull("eth0");
    const all = JSON.stringify(allBehind(MAC.eth1));
    const look = () => routersNeighbours(laboratory);
    await waitFor("the router to have learnt eth1", look, (found) => JSON.stringify(found) === all);
  });

  it("hear both forms of a gratuitous ARP, in its very first round", async () => {
    for (const address of [DATA.first, DATA.second]) {
      const heard = await waitFor(
        "both forms",
        () => gratuitous(address),
        (found) => found.length >= 2,
      );
      assert.deepEqual(
        heard
          .slice(0, 2)
          .map(({ operation }) => operation)
          .sort(),
        ["reply", "request"],
      );
      for (const { operation, target, ...rest } of heard) {
        const same = {
          from: MAC.eth1,
          to: EVERYBODY,
          sender: MAC.eth1,
          senderAddress: address,
          targetAddress: address,
        };
        assert.deepEqual(rest, same);
        // Linux counts a reply as gratuitous only when target and sender are the same card.
        if (operation === "reply") assert.equal(target, MAC.eth1);
      }
    }
  });

  it("hear an unsolicited neighbour advertisement that overrides", async () => {
    const heard = await waitFor("an advertisement", advertised, (found) => found.length > 0);
    for (const { source, ...rest } of heard) {
      assert.ok([SIX_IN_FULL, "fe80:0:0:0:0:ff:fe00:101"].includes(source), `sent from ${source}`);
      assert.deepEqual(rest, {
        from: MAC.eth1,
        to: "33:33:00:00:00:01",
        destination: ALL_NODES,
        hopLimit: 255,
        flags: ["override"],
        target: SIX_IN_FULL,
        linkLayer: MAC.eth1,
      });
    }
  });

  it("hear it again two seconds later, since a frame may be lost", async () => {
    tap.clear();
    await waitFor(
      "another round",
      () => ({ four: gratuitous(DATA.first), six: advertised() }),
      ({ four, six }) => four.length > 0 && six.length > 0,
    );
  });

  it("hear broadcasts, by one member, from a data address", async () => {
    tap.clear();
    await laboratory.run("host", ["ping", "-b", "-c1", "-W1", "192.0.2.255"], { anyStatus: true });
    const heard = await waitFor(
      "the broadcast",
      () => tap.seen(readIpv4).filter(({ destination }) => destination === "192.0.2.255"),
      (found) => found.length > 0,
    );
    assert.deepEqual(heard, [{ from: MAC.eth1, to: EVERYBODY, source: DATA.first, destination: "192.0.2.255" }]);
  });
});
