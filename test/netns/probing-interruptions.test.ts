/** What interrupts probing on our own side: a daemon that stands still, cards and addresses that come late, or again. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { lost } from "../support/port-rules.ts";
import {
  assertNobodyFailed,
  memberOf,
  PROBED_PAIR_6,
  probedConfiguration,
  probedPicture,
  probesOf,
  ROUTER_LINK_LOCAL,
  startProbed,
  TEST_6,
  TEST_LINES,
  untilAnswered,
  untilJudged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const BOTH = ["eth0", "eth1"] as const;
/** Of the whole daemon: sixteen failure detection times, or more than a hundred steps. */
const STANDSTILL_MS = 5000;

describe("probing", () => {
  let laboratory: Laboratory;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  afterEach(() => laboratory?.close());

  it("T54: blames nobody for a standstill of its own, and counts it", async () => {
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    const daemon = await startProbed(laboratory, probedConfiguration());
    const before = (await untilJudged(daemon, BOTH, 20)).prober;

    process.kill(daemon.pid, "SIGSTOP");
    const end = performance.now() + STANDSTILL_MS;
    await waitFor(
      "the end of the standstill",
      () => performance.now(),
      (now) => now >= end,
    );
    process.kill(daemon.pid, "SIGCONT");

    const snapshot = await untilJudged(daemon, BOTH, 50);
    assert.equal(summary(snapshot), WELL);
    assertNobodyFailed(daemon, snapshot);
    const { stalls, longestStallMs, unsent } = snapshot.prober;
    assert.ok(stalls > before.stalls, `${stalls} stalls`);
    assert.ok(longestStallMs > 0.9 * STANDSTILL_MS, `the longest took ${longestStallMs} ms`);
    // A step is 42 ms.
    assert.ok(unsent - before.unsent > 100, `${unsent} probes remained unsent`);
    for (const name of BOTH) assert.ok(probesOf(snapshot, name).lost <= 1, `lost of ${name}`);
  });

  it("waits for a test address that is still being looked after", async () => {
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: true });
    await laboratory.ip("router", [`address add ${ROUTER_LINK_LOCAL}/64 dev lan nodad`]);
    // They are there already, by somebody else's hand, and tentative for a second or two.
    await laboratory.ip(
      "host",
      BOTH.map((name) => `address add ${TEST_6[name]}/64 dev ${name}`),
    );
    const gateways = ["192.0.2.1", ROUTER_LINK_LOCAL];
    const daemon = await LabDaemon.start(laboratory, probedConfiguration({ interfaces: PROBED_PAIR_6, gateways }));
    await untilAnswered(daemon);
    const snapshot = await untilJudged(daemon, BOTH, 20, 6);
    assert.equal(summary(snapshot), WELL);
    assertNobodyFailed(daemon, snapshot);
  });

  it("begins when a card appears that was missing at first", async () => {
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    await laboratory.removeNic("eth1");
    const daemon = await LabDaemon.start(laboratory, probedConfiguration());
    await daemon.until("eth0 to be answered", (seen) => memberOf(seen, "eth0").probes[0]?.answered !== 0);
    await laboratory.recreateNic("eth1");
    await untilAnswered(daemon);
    await untilHost(laboratory, probedPicture(allBy("eth0", BOTH), TEST_LINES));
    await laboratory.blackhole("eth1");
    await daemon.until("its failure", (seen) => summary(seen) === "degraded: eth0 active, eth1 failed");
  });

  it("goes on with a card that is put in anew", async () => {
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    const daemon = await startProbed(laboratory, probedConfiguration());
    const { index } = memberOf(await daemon.snapshot(), "eth0");
    await laboratory.removeNic("eth0");
    await daemon.until("the failover", ({ addresses }) => addresses.every(({ inbound }) => inbound === "eth1"));
    await laboratory.recreateNic("eth0");
    await daemon.until("its return", (seen) => summary(seen) === WELL && memberOf(seen, "eth0").index !== index);
    // The counters go on from the card before; a new one is not judged before its first answer.
    await untilJudged(daemon, ["eth0"], 3);
    await laboratory.blackhole("eth0");
    await daemon.until("its failure", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
    await laboratory.heal("eth0");
    await daemon.until("its repair", (seen) => summary(seen) === WELL);
  });

  it("T19: needs ten answers after a link that bounced under a failed path", async () => {
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    const daemon = await startProbed(laboratory, probedConfiguration());
    await laboratory.filter("eth0", { in: [lost()], out: [lost()] });
    await daemon.until("the failure", (seen) => memberOf(seen, "eth0").state === "failed");
    await laboratory.pull("eth0");
    await daemon.until("the loss of the link", (seen) => memberOf(seen, "eth0").link === "down");
    await laboratory.plug("eth0");
    await daemon.until("the link", (seen) => memberOf(seen, "eth0").link === "up");
    const snapshot = await untilJudged(daemon, BOTH, 20);
    assert.equal(summary(snapshot), "degraded: eth0 failed, eth1 active", "the link alone repairs nothing");
    await laboratory.heal("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === WELL);
  });
});
