/** A pulled cable, the standby that steps in, and the way back. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { hostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, type Division, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

const WITHOUT_ETH0: Division = {
  hosts: ["eth2", "eth1", "eth1"],
  carrying: ["eth1", "eth2"],
  functioning: ["eth1", "eth2"],
  nominated: "eth1",
};

/** Addresses move no more than they must: those on eth1 stay there. */
const AFTERWARDS: Division = {
  hosts: ["eth0", "eth1", "eth1"],
  carrying: ["eth0", "eth1"],
  functioning: ["eth0", "eth1", "eth2"],
  nominated: "eth1",
};

describe("a group of two and a standby", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration());
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  async function ipmpstat(words: string): Promise<string[]> {
    return (await daemon.ipmpstat(...words.split(" "))).stdout.trim().split("\n");
  }

  it("is in the kernel as documented", async () => {
    await daemon.until("all to be well", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    assert.deepEqual(await hostPicture(laboratory), {
      addresses: [
        "192.0.2.10/32 eth0",
        "192.0.2.10/32 ipmp0",
        "192.0.2.11/32 eth1",
        "192.0.2.11/32 ipmp0",
        "2001:db8::10/128 eth0",
        "2001:db8::10/128 ipmp0",
      ],
      routes: [
        "192.0.2.0/24 dev eth0 eth1 src 192.0.2.10",
        "192.0.2.0/24 metric 10000 dev eth0 eth1 eth2 src 192.0.2.10",
        "2001:db8::/64 metric 10128 dev eth0 eth1 eth2 src 2001:db8::10",
        "2001:db8::/64 metric 128 dev eth0 eth1 src 2001:db8::10",
        "broadcast 192.0.2.255 dev eth0 src 192.0.2.10",
        "default metric 10000 via 192.0.2.1 dev eth0 eth1 eth2 src 192.0.2.10",
        "default metric 1024 via 2001:db8::1 dev eth0 eth1 src 2001:db8::10",
        "default metric 11024 via 2001:db8::1 dev eth0 eth1 eth2 src 2001:db8::10",
        "default via 192.0.2.1 dev eth0 eth1 src 192.0.2.10",
      ],
    });
  });

  it("is shown by ipmpstat", async () => {
    assert.deepEqual(await ipmpstat("-g"), [
      "GROUP       GROUPNAME   STATE     FDT       INTERFACES",
      "ipmp0       ipmp0       ok        --        eth1 eth0 (eth2)",
    ]);
    assert.deepEqual(await ipmpstat("-P -i -o interface,active,flags,link,state"), [
      "eth2:no:is-----:up:ok",
      "eth1:yes:-------:up:ok",
      "eth0:yes:--mbM--:up:ok",
    ]);
    assert.deepEqual(await ipmpstat("-n -P -a -o address,state,inbound,outbound"), [
      "2001\\:db8\\:\\:10:up:eth0:eth1 eth0",
      "192.0.2.11:up:eth1:eth1 eth0",
      "192.0.2.10:up:eth0:eth1 eth0",
    ]);
  });

  it("moves everything when a cable is pulled, and traffic goes on", async () => {
    const window = await traffic.through(async () => {
      await laboratory.pull("eth0");
      await daemon.until("the standby to step in", (seen) => {
        return summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active";
      });
      await untilHost(laboratory, standardPicture(WITHOUT_ETH0));
    });
    assertServed(window);
    assert.deepEqual((await ipmpstat("-g")).at(-1), "ipmp0       ipmp0       degraded  --        eth2 eth1 [eth0]");
    assert.match(daemon.log(), /IP interface failure detected on eth0 of group ipmp0/);
  });

  it("moves back when the cable is back, and the standby rests", async () => {
    const window = await traffic.through(async () => {
      await laboratory.plug("eth0");
      await untilHost(laboratory, standardPicture(AFTERWARDS));
    });
    assertServed(window);
    assert.equal(summary(await daemon.snapshot()), "ok: eth0 active, eth1 active, eth2 inactive");
    assert.match(daemon.log(), /IP interface repair detected on eth0 of group ipmp0/);
  });

  it("loses nothing when the standby fails", async () => {
    const window = await traffic.through(async () => {
      await laboratory.pull("eth2");
      await untilHost(laboratory, standardPicture({ ...AFTERWARDS, functioning: ["eth0", "eth1"] }));
      await laboratory.plug("eth2");
      await untilHost(laboratory, standardPicture(AFTERWARDS));
    });
    assert.deepEqual(losers(window), []);
    assertServed(window);
  });

  it("loses nothing more when two cables are out", async () => {
    const window = await traffic.through(async () => {
      await Promise.all([laboratory.pull("eth0"), laboratory.pull("eth1")]);
      await untilHost(laboratory, standardPicture(allBy("eth2")));
    });
    assertServed(window);
    assert.equal(summary(await daemon.snapshot()), "degraded: eth0 failed, eth1 failed, eth2 active");
  });
});
