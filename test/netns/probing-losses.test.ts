/** Paths that are bad, but not dead: they are measured, and nobody fails. */
import assert from "node:assert/strict";
import type { ProbeEvent } from "../../src/control/client.ts";
import type { LabDaemon } from "../support/daemon.ts";
import { ADDRESSES, Laboratory, wireRefusal } from "../support/laboratory.ts";
import { COPIES, doubled, ECHO, lost, someLost } from "../support/port-rules.ts";
import { ProbeFollower } from "../support/probe-follower.ts";
import {
  assertNobodyFailed,
  memberOf,
  probedConfiguration,
  probesOf,
  startProbed,
  statisticsOf,
  untilJudged,
  untilLogged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const BOTH = ["eth0", "eth1"] as const;
const ROUTER = ADDRESSES.router[4];

describe("a path that loses and doubles probes", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    daemon = await startProbed(laboratory, probedConfiguration());
  });

  afterEach(() => laboratory.heal("eth0"));

  after(() => laboratory?.close());

  /**
   * Three replies in a row of every ten, and not by chance: at 30 % five in a row would be lost by chance once in 600 probes, which
   * is a failure by the rules (five probes of ten seconds), and no fault of anybody. Nobody hears what is sent to all: else fewer would
   * be lost.
   */
  it("is no failure at 30 % of loss", async () => {
    await laboratory.filter("eth0", { in: [someLost(3, 10, ECHO[4])], out: [lost(COPIES)] });
    const before = await statisticsOf(daemon, "eth0", ROUTER);
    const snapshot = await untilJudged(daemon, ["eth0"], 110);
    const { sent, lost: unheard, lossRate } = await statisticsOf(daemon, "eth0", ROUTER);
    const share = (unheard - before.lost) / (sent - before.sent);
    assert.ok(share > 0.25 && share < 0.35, `${share} of the probes were lost`);
    assert.ok(lossRate !== null && lossRate > 0.25 && lossRate < 0.35, `the loss rate is shown as ${lossRate}`);
    assert.equal(summary(snapshot), WELL);
    assert.equal((await statisticsOf(daemon, "eth1", ROUTER)).lost, 0, "the other member's path is good");
    assertNobodyFailed(daemon, snapshot);
  });

  it("T52: is no failure where replies come twice, and the second ones are counted apart", async () => {
    await laboratory.filter("eth0", { out: [doubled("router", ECHO[4])] });
    const snapshot = await untilJudged(daemon, BOTH, 20);
    await untilLogged(daemon, /Duplicate probe reply seq \d+ snxt \d+ on eth0 from 192\.0\.2\.1/);
    const { duplicate, ambiguous } = await statisticsOf(daemon, "eth0", ROUTER);
    assert.ok(duplicate >= 15 && ambiguous >= duplicate, `${duplicate} came twice, ${ambiguous} were ambiguous`);
    assert.ok(probesOf(await daemon.snapshot(), "eth0").ambiguous >= 15);
    assert.equal((await statisticsOf(daemon, "eth1", ROUTER)).ambiguous, 0);
    assertNobodyFailed(daemon, snapshot);
  });
});

describe("a path that delays probes", () => {
  let laboratory: Laboratory;

  before(function () {
    const missing = refusal ?? wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ wire: "tap", nics: 2, duplicateAddressDetection: false });
  });

  afterEach(() => laboratory?.close());

  it("raises the failure detection time, says so, and is measured", async () => {
    for (const nic of BOTH) await laboratory.impair(nic, { delay: 30 });
    // A step of 42 ms, and at least 60 ms from here to the router and back.
    const daemon = await startProbed(laboratory, probedConfiguration());
    const words =
      /Cannot meet requested failure detection time of 300 ms on \(inet eth\d\) new failure detection time for group "ipmp0" is \d+ ms/;
    await untilLogged(daemon, words);
    const snapshot = await untilJudged(daemon, BOTH, 10);
    const { failureDetectionTimeMs } = snapshot.groups[0] ?? {};
    // Seven steps of twice the round trip, or more.
    assert.ok((failureDetectionTimeMs ?? 0) >= 7 * 2 * 60, `${failureDetectionTimeMs} ms`);
    const { stdout } = await daemon.ipmpstat("-P", "-g", "-o", "fdt");
    assert.equal(stdout.trim(), `${((failureDetectionTimeMs ?? 0) / 1000).toFixed(2)}s`);
    for (const name of BOTH) {
      const { minimumMs, meanMs } = await statisticsOf(daemon, name, ROUTER);
      assert.ok(minimumMs !== null && minimumMs >= 60, `${name}: at least ${minimumMs} ms`);
      assert.ok(meanMs !== null && meanMs >= 60, `${name}: ${meanMs} ms in the mean`);
    }
    assertNobodyFailed(daemon, snapshot);
  });

  it("is no failure where replies overtake each other", async () => {
    // A step of 28 ms, which the limit forbids to raise. Replies take up to 64 ms, so that at most three are under way at once.
    const more = ["failure-detection-time-limit: 200ms"];
    const daemon = await startProbed(laboratory, probedConfiguration({ detectionTime: "200ms", more }));
    const follower = await ProbeFollower.start(daemon);
    await laboratory.impair("eth0", { jitter: 32 });
    await waitFor(
      "five replies that come after later ones",
      () => overtaken(follower.of("eth0")),
      (count) => count >= 5,
      30_000,
    );
    follower.end();
    const snapshot = await untilJudged(daemon, ["eth0"], 20);
    assert.equal(summary(snapshot), WELL);
    assert.equal(memberOf(snapshot, "eth0").probe, "ok");
    assert.equal(probesOf(snapshot, "eth0").ambiguous, 0, "they are late, and no riddles");
    assertNobodyFailed(daemon, snapshot);
  });

  it("is a failure where all replies are spoiled", async () => {
    const daemon = await startProbed(laboratory, probedConfiguration());
    await laboratory.impair("eth0", { corrupt: 100 });
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
    await laboratory.heal("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === WELL);
  });
});

/** How many answers came after one to a later probe. */
function overtaken(events: readonly ProbeEvent[]): number {
  const order = events.filter(({ kind }) => kind === "answered").map(({ sequence }) => sequence);
  return order.filter((sequence, place) => sequence < Math.max(...order.slice(0, place))).length;
}
