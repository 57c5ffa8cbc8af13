/** The kernel may hold back its notice of a lost carrier for a second. The daemon does not wait for it. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { KernelMonitor } from "../support/kernel-monitor.ts";
import { Laboratory, monotonicNs, wireRefusal } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, ONE_AND_STANDBY, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** A second is how long the notices are held back. */
const MOST_LOSS_MS = 400;
/** In no group: shows what the kernel does where nobody hurries it. */
const CONTROL_CARD = "eth2";

describe("cards whose link notices come late", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
    laboratory = await Laboratory.create({ wire: "tap", nics: 3, duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  it("are failed over before the notice", async () => {
    const monitor = await KernelMonitor.start(laboratory);
    const find = () => monitor.heard().find(({ line }) => line.includes(CONTROL_CARD) && line.includes("NO-CARRIER"));
    await laboratory.openLinkEventWindow();
    await laboratory.pull(CONTROL_CARD);
    const window = await traffic.during(async () => {
      await laboratory.pull("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
    });
    const knownNs = monotonicNs();
    const notice = await waitFor("the notice of the card in no group", find, (found) => found !== undefined);
    const aheadMs = ((notice?.atNs ?? 0) - knownNs) / 1e6;
    assert.ok(aheadMs > 0, `the daemon knew ${-aheadMs} ms after the kernel had told everybody`);
    assertServed(window, MOST_LOSS_MS);
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    await traffic.untilClean();
  });

  it("are taken back when they are well", async () => {
    const window = await traffic.through(async () => {
      await laboratory.plug("eth0");
      await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    });
    assertServed(window);
  });
});
