/** The daemon dies without a word: nothing is lost, nothing stays behind, and a new one carries on. */
import assert from "node:assert/strict";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, hostPicture, nextHopLines, untilHost } from "../support/host-picture.ts";
import { KernelMonitor } from "../support/kernel-monitor.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, ONE_AND_STANDBY, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

const CONFIGURATION = standardConfiguration({ interfaces: ONE_AND_STANDBY });
const WELL = standardPicture(allBy("eth0", ["eth0", "eth1"]));

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

  it("leaves nothing behind that --release would not find", async () => {
    await daemon.kill();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });
});
