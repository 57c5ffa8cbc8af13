/** The group interface: a stand-in for dummy, no such device at all, or a stranger's that has its name. */
import assert from "node:assert/strict";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, hostPicture, untilHost, without } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import {
  AT_FIRST,
  allBy,
  anchoredPicture,
  ONE_AND_STANDBY,
  standardConfiguration,
  standardPicture,
  summary,
} from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

async function hasDummy(laboratory: Laboratory): Promise<boolean> {
  const { status } = await laboratory.run("client", ["ip", "link", "add", "try0", "type", "dummy"], {
    anyStatus: true,
  });
  return status === 0;
}

describe("a group interface", () => {
  let laboratory: Laboratory;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
  });

  afterEach(() => laboratory?.close());

  it("is told of where it is not the usual device", async function () {
    if (await hasDummy(laboratory)) skipBecause(this, "this kernel has dummy devices");
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    assert.match(
      daemon.log(),
      /warning .*Group interface ipmp0 is of kind (ifb|bridge), since this kernel has no dummy device/,
    );
    await untilHost(laboratory, standardPicture(AT_FIRST));
    const count = (daemon.log().match(/since this kernel has no dummy/g) ?? []).length;
    assert.equal(count, 1);
  });

  it("of a stranger is left alone, and the addresses are anchored on lo", async () => {
    await laboratory.ip("host", [
      "link add ipmp0 type veth peer name far0",
      "link set far0 up",
      "link set ipmp0 up",
      "address add 10.1.1.1/24 dev ipmp0",
    ]);
    const untouched = await dumpOf(laboratory, "host");
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    assert.match(daemon.log(), /error .*Cannot make the group interface ipmp0: EEXIST.*group-interface: false/);
    const picture = anchoredPicture(AT_FIRST);
    const wanted = { ...picture, addresses: [...picture.addresses, "10.1.1.1/24 ipmp0"] };
    await untilHost(laboratory, wanted);
    await laboratory.pull("eth0");
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
    await laboratory.plug("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await daemon.stop();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });

  it("has IPv6 though the default of the host is off, as long as a member has it, and takes it away with itself", async () => {
    await laboratory.run("host", ["sh", "-e"], { input: "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6\n" });
    const untouched = await dumpOf(laboratory, "host");
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
    await daemon.until("nothing to be missing", ({ groups }) => groups.every(({ state }) => state === "ok"));
    assert.doesNotMatch(daemon.log(), /error|refused|Somebody else/);
    await daemon.stop();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });
});

describe("a group without group interface", () => {
  const CONFIGURATION = standardConfiguration({ interfaces: ONE_AND_STANDBY, groupInterface: false });
  const WELL = anchoredPicture(allBy("eth0", ["eth0", "eth1"]));
  const BY_STANDBY = anchoredPicture(allBy("eth1"));
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

  it("fails over and back", async () => {
    assertServed(
      await traffic.through(async () => {
        await laboratory.pull("eth0");
        await untilHost(laboratory, BY_STANDBY);
      }),
    );
    assertServed(
      await traffic.through(async () => {
        await laboratory.plug("eth0");
        await untilHost(laboratory, WELL);
      }),
    );
  });

  it("keeps its sockets when the card with the addresses is taken out", async () => {
    const window = await traffic.through(async () => {
      await laboratory.removeNic("eth0");
      await untilHost(laboratory, BY_STANDBY);
    });
    assertServed(window);
    await laboratory.recreateNic("eth0");
    await untilHost(laboratory, WELL);
  });

  it("keeps its addresses while all members are out", async () => {
    const anchors = { addresses: [], routes: WELL.routes.filter((line) => line.startsWith("local ")) };
    await laboratory.pull("eth0");
    await laboratory.pull("eth1");
    await untilHost(laboratory, anchors);
    await laboratory.plug("eth1");
    await untilHost(laboratory, BY_STANDBY);
    await laboratory.plug("eth0");
    await untilHost(laboratory, WELL);
    await traffic.untilClean();
  });

  it("is adopted and released", async () => {
    const window = await traffic.through(async () => {
      await daemon.kill();
      daemon = await LabDaemon.start(laboratory, CONFIGURATION);
      await untilHost(laboratory, WELL);
    });
    assertServed(window, 0);
    await traffic.stop();
    await daemon.stop();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(without("eth0", await dumpOf(laboratory, "host")), without("eth0", untouched));
    assert.deepEqual(await hostPicture(laboratory), { addresses: [], routes: [] });
  });
});
