/** Cards that go away, come back, change their name, or are switched off by the administrator. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { assertNobodyFailed, probedConfiguration, startProbed } from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import {
  AT_FIRST,
  allBy,
  type Division,
  ONE_AND_STANDBY,
  standardConfiguration,
  standardPicture,
  summary,
} from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const WELL = allBy("eth0", ["eth0", "eth1"]);
const LINES_OF_LINKS = /The link has|failure detected|repair detected|usable/;
const BY_STANDBY = allBy("eth1");

describe("a card that changes", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;
  let found: string;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2 });
    found = await settings("eth0");
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    await untilSettled("eth0");
    await untilSettled("eth1");
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  /** Duplicate address detection has let go of the card's link-local address. */
  async function untilSettled(nic: string): Promise<void> {
    type Shown = { addr_info: { scope: string; tentative?: boolean }[] };
    await waitFor(
      `the link-local address of ${nic}`,
      async () => (await laboratory.ipJson<Shown>("host", "-6", "address", "show", nic))[0]?.addr_info ?? [],
      (shown) => shown.some(({ scope, tentative }) => scope === "link" && tentative !== true),
    );
  }

  async function settings(nic: string): Promise<string> {
    const names = ["ipv4/conf/NIC/arp_ignore", "ipv4/conf/NIC/arp_announce", "ipv4/conf/NIC/rp_filter"];
    const paths = [...names, "ipv6/conf/NIC/accept_ra"].map((name) => `/proc/sys/net/${name.replace("NIC", nic)}`);
    return (await laboratory.run("host", ["cat", ...paths])).stdout.trim().split("\n").join(" ");
  }

  /** Waits for the whole picture, in the kernel and in words. */
  async function until(words: string, division: Division): Promise<void> {
    await daemon.until(words, (seen) => summary(seen) === words);
    await untilHost(laboratory, standardPicture(division));
  }

  it("comes back after it was taken out and put in again", async () => {
    const { index } = (await daemon.snapshot()).interfaces.find(({ name }) => name === "eth0") ?? {};
    assertServed(
      await traffic.through(async () => {
        await laboratory.removeNic("eth0");
        await until("degraded: eth0 failed, eth1 active", BY_STANDBY);
      }),
    );
    assert.match(daemon.log(), /inet eth0 has been removed from kernel/);
    assertServed(
      await traffic.through(async () => {
        await laboratory.recreateNic("eth0");
        await until("ok: eth0 active, eth1 inactive", WELL);
      }),
    );
    const again = (await daemon.snapshot()).interfaces.find(({ name }) => name === "eth0");
    assert.notEqual(again?.index, index);
    assert.equal(await settings("eth0"), "1 2 2 0");
  });

  it("leaves the group when it is renamed, and comes back with its name", async () => {
    assertServed(
      await traffic.through(async () => {
        await laboratory.rename("eth0", "blue");
        await until("degraded: eth0 failed, eth1 active", BY_STANDBY);
      }),
    );
    assertServed(
      await traffic.through(async () => {
        await laboratory.rename("blue", "eth0");
        await until("ok: eth0 active, eth1 inactive", WELL);
      }),
    );
  });

  it("gets its settings back under a new name that it keeps", async () => {
    await laboratory.adminDown("eth0");
    await laboratory.rename("eth0", "blue");
    await laboratory.adminUp("blue");
    await until("degraded: eth0 failed, eth1 active", BY_STANDBY);
    await waitFor(
      "the settings of blue",
      () => settings("blue"),
      (seen) => seen === found,
    );
    await laboratory.rename("blue", "eth0");
    await until("ok: eth0 active, eth1 inactive", WELL);
    assert.equal(await settings("eth0"), "1 2 2 0");
  });

  it("rests while it is administratively down, and its IPv6 addresses come back", async () => {
    assertServed(
      await traffic.through(async () => {
        await laboratory.adminDown("eth0");
        await until("degraded: eth0 failed, eth1 active", BY_STANDBY);
      }),
    );
    const { stdout } = await daemon.ipmpstat("-P", "-i", "-o", "interface,flags,state");
    assert.match(stdout, /^eth0:----\S*d\S*:failed$/m);
    assertServed(
      await traffic.through(async () => {
        await laboratory.adminUp("eth0");
        await until("ok: eth0 active, eth1 inactive", WELL);
      }),
    );
  });

  it("is missed from the start, and used as soon as it appears", async () => {
    await daemon.stop();
    await laboratory.removeNic("eth1");
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
    assert.match(
      daemon.log(),
      /warning .*Interface eth1 of group ipmp0 does not exist; it will be used as soon as it appears/,
    );
    await until("degraded: eth0 active, eth1 failed", allBy("eth0"));
    await laboratory.recreateNic("eth1");
    await until("ok: eth0 active, eth1 inactive", WELL);
    assert.equal(await settings("eth1"), "1 2 2 0");
  });
});

describe("cards that are down at the start", () => {
  let laboratory: Laboratory;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    for (const nic of laboratory.nics) await laboratory.adminDown(nic);
  });

  afterEach(() => laboratory.close());

  it("are brought up once, and nothing is said of it", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
    assert.doesNotMatch(daemon.log(), LINES_OF_LINKS);
    await laboratory.adminDown("eth2");
    await untilHost(laboratory, standardPicture({ ...AT_FIRST, functioning: ["eth0", "eth1"] }));
    assert.equal(summary(await daemon.snapshot()), "degraded: eth0 active, eth1 active, eth2 failed");
  });

  it("wait for no ten answers where they are probed", async () => {
    const daemon = await startProbed(laboratory, probedConfiguration());
    assertNobodyFailed(daemon, await daemon.snapshot());
    assert.doesNotMatch(daemon.log(), LINES_OF_LINKS);
  });
});
