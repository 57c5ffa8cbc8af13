/** Members without test addresses: probed from the data address that they host, or else by ARP. */
import assert from "node:assert/strict";
import type { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import {
  assertNobodyFailed,
  probedConfiguration,
  startProbed,
  statisticsOf,
  targetsOf,
  untilJudged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, DATA, ONE_AND_STANDBY, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";
import { type Arp, readArp, WireTap } from "../support/wire-tap.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const BOTH = ["eth0", "eth1"] as const;
const ROUTER = ADDRESSES.router[4];

describe("members without test addresses", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;
  let tap: WireTap;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    tap = await WireTap.start(laboratory, "router", "lan");
    daemon = await startProbed(
      laboratory,
      probedConfiguration({
        interfaces: ONE_AND_STANDBY,
        gateways: [ROUTER, ADDRESSES.router[6]],
        more: ["transitive-probing: true"],
      }),
    );
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  /** `eth0: 192.0.2.10` where data addresses are said to be, by ARP frames at the router and by its table. */
  async function claims(): Promise<string[]> {
    const names = await cardNames();
    const heard = tap
      .seen(readArp)
      .filter(({ senderAddress }: Arp) => senderAddress === DATA.first || senderAddress === DATA.second)
      .map(({ sender, senderAddress }) => `${names.get(sender)}: ${senderAddress}`);
    const table = await laboratory.ipJson<{ dst: string; lladdr?: string }>(
      "router",
      "-4",
      "neighbour",
      "show",
      "dev",
      "lan",
    );
    const known = table
      .filter(({ dst }) => dst === DATA.first || dst === DATA.second)
      .map(({ dst, lladdr = "" }) => `${names.get(lladdr)}: ${dst}`);
    return [...new Set([...heard, ...known])].sort();
  }

  async function cardNames(): Promise<Map<string, string>> {
    const links = await laboratory.ipJson<{ ifname: string; address: string }>("host", "link");
    return new Map(links.map(({ ifname, address }) => [address, ifname]));
  }

  it("are probed all the same: from the data address, and by ARP", async () => {
    const snapshot = await untilJudged(daemon, BOTH, 20);
    assert.equal(summary(snapshot), WELL);
    assertNobodyFailed(daemon, snapshot);
    const rows = BOTH.map((name) => {
      const { mode, testAddress } = targetsOf(snapshot, name) ?? {};
      return `${name} ${mode} ${testAddress}`;
    });
    assert.deepEqual(rows, [`eth0 transitive ${DATA.first}`, "eth1 transitive null"]);
    const methods = await Promise.all(BOTH.map(async (name) => (await statisticsOf(daemon, name, ROUTER)).method));
    assert.deepEqual(methods, ["echo", "arp"]);
    const { stdout } = await daemon.ipmpstat("-n", "-P", "-t", "-o", "interface,mode,testaddr,targets");
    assert.match(stdout, /^eth0:transitive:192\.0\.2\.10:192\.0\.2\.1$/m);
    assert.match(stdout, /^eth1:transitive::192\.0\.2\.1$/m);
  });

  it("never let a neighbour believe that a data address is at the idle one", async () => {
    assert.deepEqual(await claims(), [`eth0: ${DATA.first}`, `eth0: ${DATA.second}`]);
  });

  it("are found dead while they are idle, and nothing is lost by that", async () => {
    const window = await traffic.through(async () => {
      await laboratory.blackhole("eth1");
      await daemon.until("the failure", (seen) => summary(seen) === "degraded: eth0 active, eth1 failed");
      await laboratory.heal("eth1");
      await daemon.until("the repair", (seen) => summary(seen) === WELL);
    });
    assert.deepEqual(losers(window), []);
    assert.deepEqual(await claims(), [`eth0: ${DATA.first}`, `eth0: ${DATA.second}`]);
  });

  it("are found dead while they carry data, which moves, and traffic goes on", async () => {
    const window = await traffic.through(async () => {
      await laboratory.blackhole("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
      await untilHost(laboratory, standardPicture(allBy("eth1")));
    });
    assertServed(window);
    const snapshot = await untilJudged(daemon, ["eth1"], 20);
    assert.equal(targetsOf(snapshot, "eth1")?.testAddress, DATA.first);
    assert.equal(targetsOf(snapshot, "eth0")?.testAddress, null);
    assert.equal(summary(snapshot), "degraded: eth0 failed, eth1 active");
  });

  it("get it back when they are answered again", async () => {
    const window = await traffic.through(async () => {
      await laboratory.heal("eth0");
      await daemon.until("the repair", (seen) => summary(seen) === WELL);
      await untilHost(laboratory, standardPicture(allBy("eth0", BOTH)));
    });
    assertServed(window);
    const snapshot = await untilJudged(daemon, BOTH, 20);
    assert.equal(targetsOf(snapshot, "eth0")?.testAddress, DATA.first);
    assert.equal(summary(snapshot), WELL);
  });
});
