/** Links with a carrier that are of no use: a port behind 802.1X that lets nobody in yet, a card without ARP. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, ONE_AND_STANDBY, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const WELL = allBy("eth0", ["eth0", "eth1"]);

describe("a port that lets nobody in yet", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    await untilHost(laboratory, standardPicture(WELL));
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  /** As a supplicant does it, by wpa_supplicant and others. */
  async function set(...words: string[]): Promise<void> {
    await laboratory.ip("host", [`link set eth0 ${words.join(" ")}`]);
  }

  /** The carrier is there, and the kernel has worked out what comes of it. */
  async function untilDormant(): Promise<void> {
    await waitFor(
      "eth0 to be dormant",
      () => laboratory.ipJson<{ operstate: string; flags: string[] }>("host", "link", "show", "eth0"),
      ([shown]) => shown?.operstate === "DORMANT" && shown.flags.includes("LOWER_UP"),
    );
  }

  async function until(words: string): Promise<void> {
    await daemon.until(words, (seen) => summary(seen) === words);
  }

  it("counts as down from the moment that it goes dormant, and is shown so", async () => {
    assertServed(
      await traffic.through(async () => {
        await set("mode", "dormant", "state", "dormant");
        await until("degraded: eth0 failed, eth1 active");
      }),
    );
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    await untilDormant();
    const { stdout } = await daemon.ipmpstat("-P", "-i", "-o", "interface,link,state");
    assert.match(stdout, /^eth0:down:failed$/m);
  });

  it("stays down while its cable comes and goes", async () => {
    await laboratory.pull("eth0");
    await laboratory.plug("eth0");
    await untilDormant();
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    assert.equal(summary(await daemon.snapshot()), "degraded: eth0 failed, eth1 active");
    assert.equal(daemon.log().match(/The link has come up on eth0/g), null);
  });

  it("comes back when it is let in", async () => {
    await untilDormant();
    assertServed(
      await traffic.through(async () => {
        await set("state", "up");
        await until("ok: eth0 active, eth1 inactive");
      }),
    );
    await untilHost(laboratory, standardPicture(WELL));
    const { stdout } = await daemon.ipmpstat("-P", "-i", "-o", "interface,link,state");
    assert.match(stdout, /^eth0:up:ok$/m);
  });

  it("counts as down as well while ARP is switched off, and a line names the remedy", async () => {
    assertServed(
      await traffic.through(async () => {
        await set("arp", "off");
        await until("degraded: eth0 failed, eth1 active");
      }),
    );
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    assert.match(daemon.log(), /error .*ARP is switched off on eth0 .*ip link set eth0 arp on/);
    assertServed(
      await traffic.through(async () => {
        await set("arp", "on");
        await until("ok: eth0 active, eth1 inactive");
      }),
    );
    await untilHost(laboratory, standardPicture(WELL));
    assert.match(daemon.log(), /ARP is switched on again on eth0/);
  });

  it("is found so by a start", async () => {
    await daemon.stop();
    await set("state", "dormant");
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    await until("degraded: eth0 failed, eth1 active");
  });
});
