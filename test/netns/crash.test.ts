/** The daemon dies without a word: nothing is lost, nothing stays behind, and a new one carries on. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, hostPicture, nextHopLines, untilHost } from "../support/host-picture.ts";
import { KernelMonitor } from "../support/kernel-monitor.ts";
import { Laboratory } from "../support/laboratory.ts";
import { allBehind, routersNeighbours } from "../support/neighbours.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import {
  allBy,
  DATA,
  ONE_AND_STANDBY,
  standardConfiguration,
  standardPicture,
  summary,
} from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";
import { readAdvertisement, readArp, WireTap } from "../support/wire-tap.ts";

const refusal = await enterSandbox();

const CONFIGURATION = standardConfiguration({ interfaces: ONE_AND_STANDBY });
const MAC = { eth0: "02:00:00:00:01:00", eth1: "02:00:00:00:01:01" } as const;
const SIX_IN_FULL = "2001:db8:0:0:0:0:0:10";
const WELL = standardPicture(allBy("eth0", ["eth0", "eth1"]));

/** As the kernel has it: R, S, T (stopped). */
function statesOfThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [, state = ""] = /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")) ?? [];
    return state;
  });
}

describe("a daemon that is killed", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;
  let untouched: string[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    untouched = await dumpOf(laboratory, "host");
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await untilHost(laboratory, WELL);
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  it("is adopted by the next one, which deletes nothing and moves nothing", async () => {
    const nextHops = await nextHopLines(laboratory);
    const picture = await hostPicture(laboratory);
    const monitor = await KernelMonitor.start(laboratory, "address", "route", "nexthop");
    const window = await traffic.through(async () => {
      await daemon.kill();
      assert.deepEqual(await hostPicture(laboratory), picture);
      daemon = await LabDaemon.start(laboratory, CONFIGURATION);
      await daemon.until("all to be well", (seen) => summary(seen) === "ok: eth0 active, eth1 inactive");
    });
    assert.deepEqual(losers(window), []);
    assertServed(window, 0);
    const deleted = (await monitor.lines()).filter(({ line }) => line.startsWith("Deleted"));
    assert.deepEqual(deleted, []);
    assert.deepEqual(await nextHopLines(laboratory), nextHops);
    assert.deepEqual(await hostPicture(laboratory), picture);
  });

  it("is replaced by the kernel itself for what leaves the host, and by the next one for the rest", async () => {
    await daemon.kill();
    await laboratory.pull("eth0");
    await traffic.untilClean(["udp-out-4", "udp-out-6"]);
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    assert.equal(summary(await daemon.snapshot()), "degraded: eth0 failed, eth1 active");
    await traffic.untilClean();
  });

  it("misses a repair, which the next one finds", async () => {
    await daemon.kill();
    await laboratory.plug("eth0");
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await untilHost(laboratory, WELL);
    await traffic.untilClean();
  });

  it("in the middle of a failover or a repair, is followed by one that completes it", async () => {
    await Promise.all([laboratory.pull("eth0"), daemon.kill()]);
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    await Promise.all([laboratory.plug("eth0"), daemon.kill()]);
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await untilHost(laboratory, WELL);
    await traffic.untilClean();
  });

  /** It sees nothing of the loss, and tells nobody. */
  async function dieBeforeTheLoss(): Promise<void> {
    process.kill(daemon.pid, "SIGSTOP");
    // Its threads stop one by one.
    await waitFor(
      "it to stand still",
      () => statesOfThreads(daemon.pid),
      (states) => states.every((state) => state === "T"),
    );
    await laboratory.pull("eth0");
    await daemon.kill();
    // The first one may be known by what the kernel itself asks in its name, by eth1; nobody has told of the others.
    assert.notDeepEqual(await routersNeighbours(laboratory), allBehind(MAC.eth1));
  }

  async function dieAtTheLoss(delayMs: number): Promise<void> {
    await Promise.all([laboratory.pull("eth0"), later(delayMs).then(() => daemon.kill())]);
  }

  /** Data addresses that the peers were told to find behind eth1. */
  function announced(tap: WireTap): string[] {
    const arps = tap.seen(readArp).filter(({ sender, senderAddress, targetAddress }) => {
      return sender === MAC.eth1 && senderAddress === targetAddress;
    });
    const six = tap.seen(readAdvertisement).some(({ target, linkLayer }) => {
      return target === SIX_IN_FULL && linkLayer === MAC.eth1;
    });
    const told = new Set(arps.map(({ senderAddress }) => senderAddress));
    return Object.values(DATA).filter((address) => told.has(address) || (address === DATA.six && six));
  }

  it("in the very moment of a loss, is followed by one that tells the peers of every address", async () => {
    const tap = await WireTap.start(laboratory, "router", "lan");
    const moments = [0, 0.7, 1.5].map((delayMs) => () => dieAtTheLoss(delayMs));
    for (const die of [dieBeforeTheLoss, ...moments]) {
      for (const address of Object.values(DATA)) await laboratory.run("router", ["ping", "-c1", "-W2", address]);
      await untilBehind(MAC.eth0);
      await die();
      tap.clear();
      daemon = await LabDaemon.start(laboratory, CONFIGURATION);
      await waitFor(
        "eth1 to be announced for every address",
        () => announced(tap),
        (found) => found.length === Object.values(DATA).length,
      );
      await untilBehind(MAC.eth1);
      await laboratory.plug("eth0");
      await untilHost(laboratory, WELL);
    }
    await traffic.untilClean();
  });

  async function untilBehind(hardwareAddress: string): Promise<void> {
    const all = JSON.stringify(allBehind(hardwareAddress));
    const look = () => routersNeighbours(laboratory);
    await waitFor(`the router to send to ${hardwareAddress}`, look, (found) => JSON.stringify(found) === all);
  }

  it("leaves nothing behind that --release would not find", async () => {
    await daemon.kill();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });
});
