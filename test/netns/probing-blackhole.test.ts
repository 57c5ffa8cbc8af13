/** Paths that die silently, with the link up, and come back. */
import assert from "node:assert/strict";
import type { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { lost } from "../support/port-rules.ts";
import {
  memberOf,
  PROBED_PAIR_6,
  probedConfiguration,
  probedPicture,
  probesOf,
  ROUTER_LINK_LOCAL,
  startProbed,
  TEST_6,
  TEST_LINES,
  targetLine,
  untilJudged,
  untilLogged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const BOTH = ["eth0", "eth1"] as const;

const AT_FIRST = probedPicture(allBy("eth0", BOTH), TEST_LINES);
const WITHOUT_ETH0 = probedPicture(allBy("eth1"), TEST_LINES);
const WITHOUT_ETH1 = probedPicture(allBy("eth0"), TEST_LINES);

/** Ten in a row, all from after the repair of the path. */
const ANSWERS_TO_REPAIR = 10;

describe("a path that dies silently", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    daemon = await startProbed(laboratory, probedConfiguration());
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  it("is probed, active and standby alike", async () => {
    await untilHost(laboratory, AT_FIRST);
    const snapshot = await untilJudged(daemon, BOTH, 20);
    assert.equal(summary(snapshot), WELL);
    for (const name of BOTH) {
      assert.equal(targetLine(snapshot, name), "routes: 192.0.2.1 active");
      assert.equal(memberOf(snapshot, name).probe, "ok");
    }
    assert.equal(snapshot.groups[0]?.failureDetectionTimeMs, 300);
  });

  it("is found under the active member: what that carried moves, and traffic goes on", async () => {
    const window = await traffic.through(async () => {
      await laboratory.blackhole("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
      await untilHost(laboratory, WITHOUT_ETH0);
    });
    assertServed(window);
    const { link, probe, reason } = memberOf(await daemon.snapshot(), "eth0");
    assert.deepEqual({ link, probe, reason }, { link: "up", probe: "failed", reason: "probes-lost" });
    assert.match(daemon.log(), /IP interface failure detected on eth0 of group ipmp0/);
    assert.doesNotMatch(daemon.log(), /The link has gone down|now unusable/);
  });

  it("is trusted again after ten answers, and gets back what it carried", async () => {
    const before = probesOf(await daemon.snapshot(), "eth0").answered;
    const window = await traffic.through(async () => {
      await laboratory.heal("eth0");
      const repaired = await daemon.until("the repair", (seen) => summary(seen) === WELL);
      const answers = probesOf(repaired, "eth0").answered - before;
      assert.ok(answers >= ANSWERS_TO_REPAIR, `repaired after ${answers} answers`);
      await untilHost(laboratory, AT_FIRST);
    });
    assertServed(window);
    assert.match(daemon.log(), /IP interface repair detected on eth0 of group ipmp0/);
  });

  it("is found one way, too, whichever", async () => {
    for (const direction of ["in", "out"] as const) {
      await laboratory.blackhole("eth0", direction);
      await daemon.until(`the failover (${direction})`, (seen) => memberOf(seen, "eth0").state === "failed");
      await laboratory.heal("eth0");
      await daemon.until(`the repair (${direction})`, (seen) => summary(seen) === WELL);
    }
    await untilHost(laboratory, AT_FIRST);
  });

  it("is found under the standby, and nothing is lost by that", async () => {
    const window = await traffic.through(async () => {
      await laboratory.blackhole("eth1");
      await daemon.until("the failure", (seen) => summary(seen) === "degraded: eth0 active, eth1 failed");
      await untilHost(laboratory, WITHOUT_ETH1);
      await laboratory.heal("eth1");
      await daemon.until("the repair", (seen) => summary(seen) === WELL);
      await untilHost(laboratory, AT_FIRST);
    });
    assert.deepEqual(losers(window), []);
    assertServed(window);
  });

  it("takes nothing from a group whose members all suffer it, and they return together", async () => {
    const linesBefore = daemon.log().length;
    await laboratory.filter(BOTH, { in: [lost()], out: [lost()] });
    await daemon.until("the group to fail", (seen) => summary(seen) === "failed: eth0 failed, eth1 failed");
    // The standby, which carried nothing, is no reserve any more.
    await untilHost(laboratory, WITHOUT_ETH1);
    const since = daemon.log().slice(linesBefore);
    assert.match(since, /All IP interfaces in group ipmp0 are now unusable/);
    assert.doesNotMatch(since, /failure detected/);
    await laboratory.unfilter(BOTH);
    await daemon.until("the return", (seen) => summary(seen) === WELL);
    await untilLogged(daemon, /At least 1 IP interface \(eth0\) in group ipmp0 is now usable/);
    await untilHost(laboratory, AT_FIRST);
    await traffic.untilClean();
  });
});

describe("a path that is probed by IPv6 alone", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    await laboratory.ip("router", [`address add ${ROUTER_LINK_LOCAL}/64 dev lan nodad`]);
    daemon = await startProbed(
      laboratory,
      probedConfiguration({ interfaces: PROBED_PAIR_6, gateways: ["192.0.2.1", ROUTER_LINK_LOCAL] }),
    );
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  it("is asked between link-local addresses", async () => {
    const snapshot = await untilJudged(daemon, BOTH, 20, 6);
    assert.equal(summary(snapshot), WELL);
    for (const name of BOTH) assert.equal(targetLine(snapshot, name, 6), `routes: ${ROUTER_LINK_LOCAL} active`);
    const { stdout } = await daemon.ipmpstat("-n", "-P", "-t", "-o", "interface,mode,testaddr,targets");
    const rows = BOTH.map((name) =>
      `${name}:routes:${TEST_6[name]}:${ROUTER_LINK_LOCAL}`.replaceAll("fe80::", "fe80\\:\\:"),
    );
    assert.deepEqual(stdout.trim().split("\n").sort(), rows);
  });

  it("is found dead, and trusted again after ten answers", async () => {
    const answered = probesOf(await daemon.snapshot(), "eth0", 6).answered;
    const window = await traffic.through(async () => {
      await laboratory.blackhole("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
    });
    assertServed(window);
    await laboratory.heal("eth0");
    const repaired = await daemon.until("the repair", (seen) => summary(seen) === WELL);
    assert.ok(probesOf(repaired, "eth0", 6).answered >= answered + ANSWERS_TO_REPAIR);
    await traffic.untilClean();
  });
});
