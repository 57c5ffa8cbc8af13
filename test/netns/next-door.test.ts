/** Another namespace of the same machine, with cards of the same names: none of our business, or its own. */
import assert from "node:assert/strict";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, hostAddresses, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, DATA, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const CARDS = ["eth0", "eth1", "eth2"] as const;

describe("a namespace next door", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let untouched: string[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ peer: true, duplicateAddressDetection: false });
    const lines = CARDS.flatMap((card) => [
      `link add ${card} type veth peer name far-${card}`,
      `link set ${card} up`,
      `link set far-${card} up`,
    ]);
    await laboratory.ip("peer", ["link set lo up", ...lines]);
    untouched = await dumpOf(laboratory, "peer");
    daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
  });

  after(() => laboratory?.close());

  it("is not touched by a group, its failover and its repair", async () => {
    await laboratory.pull("eth0");
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
    await laboratory.plug("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    const hosts = ["eth0", "eth1", "eth1"] as const;
    await untilHost(laboratory, standardPicture({ ...AT_FIRST, hosts, nominated: "eth1" }));
    assert.deepEqual(await dumpOf(laboratory, "peer"), untouched);
  });

  it("may have a daemon of its own, with the same names, at the same time", async () => {
    const here = await hostAddresses(laboratory);
    const neighbour = await LabDaemon.start(laboratory, standardConfiguration(), { namespace: "peer" });
    await laboratory.ip("peer", ["link set far-eth0 down"]);
    await neighbour.until("its own failover", (seen) => {
      return summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active";
    });
    await waitFor(
      "its kernel to agree",
      () => hostAddresses(laboratory, "peer"),
      (lines) => lines.includes(`${DATA.first}/32 eth2`) && !lines.includes(`${DATA.first}/32 eth0`),
    );
    assert.equal(summary(await daemon.snapshot()), "ok: eth0 active, eth1 active, eth2 inactive");
    assert.deepEqual(await hostAddresses(laboratory), here);
    assert.equal(await neighbour.stop(), 0);
  });

  it("is released on its own", async () => {
    const here = await hostAddresses(laboratory);
    const { status, stderr } = await ipmpd(laboratory, "peer", "--release");
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    await laboratory.ip("peer", ["link set far-eth0 up"]);
    await waitFor(
      "the dump from before",
      async () => {
        const dump = await dumpOf(laboratory, "peer");
        return [
          ...dump.filter((line) => !untouched.includes(line)),
          ...untouched.filter((line) => !dump.includes(line)),
        ];
      },
      (differences) => differences.length === 0,
    );
    assert.deepEqual(await hostAddresses(laboratory), here);
  });
});
