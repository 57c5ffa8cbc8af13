/** Whom probes are sent to: targets that die, stand in for others, and come and go with routes. */
import assert from "node:assert/strict";
import type { LabDaemon } from "../support/daemon.ts";
import { ADDRESSES, Laboratory, type Namespace } from "../support/laboratory.ts";
import { ECHO, lost } from "../support/port-rules.ts";
import {
  assertNobodyFailed,
  probedConfiguration,
  startProbed,
  targetLine,
  untilJudged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { summary } from "../support/standard-group.ts";
import { losers, Traffic } from "../support/traffic.ts";
import { readIpv4, WireTap } from "../support/wire-tap.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const BOTH = ["eth0", "eth1"] as const;
const ROUTER = ADDRESSES.router[4];
const PEER = ADDRESSES.peer[4];
const DEAD_ECHO = { in: [lost(ECHO[4])] };

/** Linux answers no IPv4 pings to groups unless it is told to. */
async function answerMulticast(laboratory: Laboratory, ...namespaces: Namespace[]): Promise<void> {
  const input = "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts\n";
  for (const namespace of namespaces) await laboratory.run(namespace, ["sh", "-e"], { input });
}

/** The row of every member is like this. */
function allShow(line: string | RegExp) {
  return (seen: Parameters<typeof targetLine>[0]) =>
    BOTH.every((name) => {
      const row = targetLine(seen, name);
      return typeof line === "string" ? row === line : line.test(row);
    });
}

describe("targets of probes", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ nics: 2, peer: true, duplicateAddressDetection: false });
  });

  afterEach(() => laboratory?.close());

  it("are dropped when they die beside living ones, and nobody fails by that", async () => {
    daemon = await startProbed(laboratory, probedConfiguration({ targets: [PEER, ROUTER] }));
    const traffic = await Traffic.start(laboratory);
    const window = await traffic.during(async () => {
      await laboratory.filter("peer", DEAD_ECHO);
      await daemon.until("the peer to be dropped", allShow(`routes: ${ROUTER} active, ${PEER} dead`));
      const tap = await WireTap.start(laboratory, "peer", "lan");
      const snapshot = await untilJudged(daemon, BOTH, 20);
      assert.equal(summary(snapshot), WELL);
      const asked = tap.seen((frame) => readIpv4(frame)).filter(({ destination }) => destination === PEER);
      assert.deepEqual(asked, [], "it is not asked any more");
    });
    assert.deepEqual(losers(window), []);
    assertNobodyFailed(daemon, await daemon.snapshot());
  });

  it("are replaced by hosts when the only router dies, and nobody fails by that", async () => {
    await answerMulticast(laboratory, "peer");
    daemon = await startProbed(laboratory, probedConfiguration());
    assert.ok(allShow(`routes: ${ROUTER} active`)(await daemon.snapshot()));
    await laboratory.filter("router", DEAD_ECHO);
    await daemon.until("the peer to stand in", allShow(`multicast: ${PEER} active, ${ROUTER} dead`));
    assert.match(daemon.log(), /No target of group ipmp0 answers any member; asking other hosts/);
    const snapshot = await untilJudged(daemon, BOTH, 40);
    assert.equal(summary(snapshot), WELL);
    assertNobodyFailed(daemon, snapshot);
    // The stand-in does its work: a card that is really dead is found.
    await laboratory.blackhole("eth0");
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
  });

  it("are found by asking all hosts, and come and go with routes", async () => {
    await answerMulticast(laboratory, "peer", "router");
    daemon = await startProbed(laboratory, probedConfiguration({ gateways: [] }));
    const hosts = /^multicast: (192.0.2.1 active, 192.0.2.2|192.0.2.2 active, 192.0.2.1) active$/;
    await daemon.until("both neighbours to be found", allShow(hosts));

    const byRouter = `203.0.113.0/24 via ${ROUTER} dev eth0 onlink`;
    await laboratory.ip("host", [`route add ${byRouter}`]);
    await daemon.until("the router to be the target", allShow(`routes: ${ROUTER} active`));

    const toPeer = `${PEER}/32 via ${PEER} dev eth1 onlink`;
    await laboratory.ip("host", [`route add ${toPeer}`]);
    await daemon.until("the host route to come first", allShow(`routes: ${PEER} active, ${ROUTER} active`));
    // What this host itself sends to its target can not be moved any more.
    const { groups } = await daemon.snapshot();
    assert.ok(groups[0]?.bypasses.includes(`${PEER}/32 via ${PEER} dev eth1`), groups[0]?.bypasses.join());

    await laboratory.ip("host", [`route del ${byRouter}`]);
    await daemon.until("the router to be dropped", allShow(`routes: ${PEER} active`));

    await laboratory.ip("host", [`route del ${toPeer}`]);
    await daemon.until("hosts to be asked again", allShow(hosts));
    assertNobodyFailed(daemon, await untilJudged(daemon, BOTH, 10));
  });
});
