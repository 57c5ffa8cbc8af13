/** Who steps in, who waits, and what is left when nobody can. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { hostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { ALL_FAILED, allBy, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

async function make(configuration: string): Promise<{ laboratory: Laboratory; daemon: LabDaemon; traffic: Traffic }> {
  const laboratory = await Laboratory.create({ duplicateAddressDetection: false });
  try {
    const daemon = await LabDaemon.start(laboratory, configuration);
    return { laboratory, daemon, traffic: await Traffic.start(laboratory) };
  } catch (error) {
    await laboratory.close();
    throw error;
  }
}

function untilSummary(daemon: LabDaemon, wanted: string): Promise<unknown> {
  return daemon.until(wanted, (seen) => summary(seen) === wanted);
}

describe("a group without failback", () => {
  let made: Awaited<ReturnType<typeof make>>;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    made = await make(standardConfiguration({ failback: false }));
  });

  after(() => made?.laboratory.close());

  it("leaves a repaired member in reserve, and calls it when needed", async () => {
    const { laboratory, daemon, traffic } = made;
    const window = await traffic.through(async () => {
      await laboratory.pull("eth0");
      await untilSummary(daemon, "degraded: eth0 failed, eth1 active, eth2 active");
      await laboratory.plug("eth0");
      await untilSummary(daemon, "ok: eth0 inactive, eth1 active, eth2 active");
      await untilHost(
        laboratory,
        standardPicture({
          hosts: ["eth2", "eth1", "eth1"],
          carrying: ["eth1", "eth2"],
          functioning: ["eth0", "eth1", "eth2"],
          nominated: "eth1",
        }),
      );
    });
    assertServed(window);
    const second = await traffic.through(async () => {
      await laboratory.pull("eth1");
      await untilSummary(daemon, "degraded: eth0 active, eth1 failed, eth2 active");
      await laboratory.plug("eth1");
      await untilSummary(daemon, "ok: eth0 active, eth1 inactive, eth2 active");
    });
    assertServed(second);
  });

  it("keeps that division when the daemon is restarted", async () => {
    const { laboratory, daemon, traffic } = made;
    const before = await hostPicture(laboratory);
    const window = await traffic.through(async () => {
      await daemon.kill();
      made.daemon = await LabDaemon.start(laboratory, standardConfiguration({ failback: false }));
      await untilSummary(made.daemon, "ok: eth0 active, eth1 inactive, eth2 active");
    });
    assertServed(window, 0);
    assert.deepEqual(await hostPicture(laboratory), before);
  });
});

describe("a group that loses one member after the other", () => {
  let made: Awaited<ReturnType<typeof make>>;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    made = await make(standardConfiguration());
  });

  after(() => made?.laboratory.close());

  it("works with the last one that is left", async () => {
    const { laboratory, daemon, traffic } = made;
    const window = await traffic.through(async () => {
      await laboratory.pull("eth2");
      await untilSummary(daemon, "degraded: eth0 active, eth1 active, eth2 failed");
      await laboratory.pull("eth0");
      await untilHost(laboratory, standardPicture(allBy("eth1")));
    });
    assertServed(window);
  });

  it("keeps its addresses when none is left, and says that", async () => {
    const { laboratory, daemon } = made;
    await laboratory.pull("eth1");
    await untilSummary(daemon, "failed: eth0 failed, eth1 failed, eth2 failed");
    await untilHost(laboratory, ALL_FAILED);
    const { stdout } = await daemon.ipmpstat("-n", "-P", "-a", "-o", "address,state,inbound");
    assert.deepEqual(stdout.trim().split("\n"), ["2001\\:db8\\:\\:10:up:", "192.0.2.11:up:", "192.0.2.10:up:"]);
    assert.match(daemon.log(), /All IP interfaces in group ipmp0 are now unusable/);
  });

  it("serves again with the first that returns", async () => {
    const { laboratory, daemon, traffic } = made;
    await laboratory.plug("eth2");
    await untilHost(laboratory, standardPicture(allBy("eth2")));
    assert.match(daemon.log(), /At least 1 IP interface \(eth2\) in group ipmp0 is now usable/);
    // Connections have waited for this, and live.
    await traffic.untilClean();
    assertServed(await traffic.during(() => traffic.untilClean()));
  });

  it("is whole again with all of them", async () => {
    const { laboratory, daemon, traffic } = made;
    const window = await traffic.through(async () => {
      await laboratory.plug("eth1");
      await laboratory.plug("eth0");
      await untilSummary(daemon, "ok: eth0 active, eth1 active, eth2 inactive");
    });
    assertServed(window);
  });
});
