/** Replies that are none: forged, repeated, from somebody else. None of them keeps a dead card alive. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import { ECHO, lost } from "../support/port-rules.ts";
import {
  assertNobodyFailed,
  PROBED_PAIR_6,
  probedConfiguration,
  probesOf,
  ROUTER_LINK_LOCAL,
  startProbed,
  statisticsOf,
  TEST,
  targetLine,
  untilJudged,
  untilLogged,
} from "../support/probed-group.ts";
import { Responder } from "../support/responder.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const WELL = "ok: eth0 active, eth1 inactive";
const WITHOUT_ETH0 = "degraded: eth0 failed, eth1 active";
const BOTH = ["eth0", "eth1"] as const;
const ROUTER = ADDRESSES.router;
const PEER = ADDRESSES.peer[4];
/** What the router is asked by eth0. */
const BY_ETH0 = `${ROUTER[4]}<${TEST.eth0}`;

async function forged(daemon: LabDaemon): Promise<number> {
  return (await daemon.client.probes()).prober.forged;
}

describe("replies to probes", () => {
  let laboratory: Laboratory;
  let responder: Responder;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    responder = await Responder.start(laboratory, "router");
    await responder.answer(ROUTER[4], "honest");
    daemon = await startProbed(laboratory, probedConfiguration());
  });

  afterEach(async () => {
    await responder.answer(BY_ETH0, "honest");
    await daemon?.until("the repair", (seen) => summary(seen) === WELL);
  });

  after(() => laboratory?.close());

  it("with the right numbers and a wrong token are no answers, and are counted", async () => {
    const before = await forged(daemon);
    await responder.answer(BY_ETH0, { forge: 1 });
    const { answered } = probesOf(await daemon.snapshot(), "eth0");
    const snapshot = await daemon.until("the failover", (seen) => summary(seen) === WITHOUT_ETH0);
    // One honest reply may have been under way.
    assert.ok(probesOf(snapshot, "eth0").answered <= answered + 1);
    assert.ok((await forged(daemon)) >= before + 5);
    assert.equal((await statisticsOf(daemon, "eth0", ROUTER[4])).ambiguous, 0, "nobody knows whom they are about");
  });

  it("may come in floods: a dead card is found, and a living one is not harmed", async () => {
    const before = await forged(daemon);
    await responder.answer(BY_ETH0, { forge: 2000 });
    await daemon.until("the failover", (seen) => summary(seen) === WITHOUT_ETH0);
    const { lost: lostByEth1 } = await statisticsOf(daemon, "eth1", ROUTER[4]);
    const snapshot = await untilJudged(daemon, ["eth1"], 20);
    assert.equal(summary(snapshot), WITHOUT_ETH0);
    assert.equal((await statisticsOf(daemon, "eth1", ROUTER[4])).lost, lostByEth1);
    assert.ok((await forged(daemon)) >= before + 10_000);
  });

  it("that were seen before are no answers either", async () => {
    const { duplicate } = await statisticsOf(daemon, "eth0", ROUTER[4]);
    await responder.answer(BY_ETH0, "replay");
    await daemon.until("the failover", (seen) => summary(seen) === WITHOUT_ETH0);
    assert.ok((await statisticsOf(daemon, "eth0", ROUTER[4])).duplicate >= duplicate + 5);
  });

  it("T51: from somebody who was not asked are noted, and count for nothing", async () => {
    const before = (await statisticsOf(daemon, "eth0", ROUTER[4])).wrongSource;
    await responder.answer(BY_ETH0, { elsewhere: "192.0.2.99" });
    await daemon.until("the failover", (seen) => summary(seen) === WITHOUT_ETH0);
    const { wrongSource, ambiguous } = await statisticsOf(daemon, "eth0", ROUTER[4]);
    assert.ok(wrongSource >= before + 5 && ambiguous >= wrongSource);
    await untilLogged(daemon, /Fake probe reply seq \d+ snxt \d+ on eth0 from 192\.0\.2\.99/);
  });

  it("that were made for an earlier daemon are nothing to the next one", async () => {
    await responder.answer(ROUTER[4], "replay");
    await untilJudged(daemon, ["eth1"], 3);
    await daemon.stop();
    const before = await responder.requests(ROUTER[4]);
    daemon = await LabDaemon.start(laboratory, probedConfiguration());
    const asked = async () => (await responder.requests(ROUTER[4])) - before;
    await waitFor("ten probes of eth1", asked, (count) => count >= 10);
    const snapshot = await daemon.until("eth0 to be answered", (seen) => {
      return seen.interfaces.length === BOTH.length && probesOf(seen, "eth0").answered > 0;
    });
    const { answered, ambiguous } = probesOf(snapshot, "eth1");
    assert.deepEqual({ answered, ambiguous }, { answered: 0, ambiguous: 0 });
    await responder.answer(ROUTER[4], "honest");
    await daemon.until("eth1 to be answered", (seen) => probesOf(seen, "eth1").answered > 0);
  });
});

describe("a target that answers from elsewhere", () => {
  let laboratory: Laboratory;
  let responder: Responder;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ nics: 2, peer: true, duplicateAddressDetection: false });
    responder = await Responder.start(laboratory, "router");
  });

  afterEach(() => laboratory?.close());

  it("is dropped beside one that does not, and nobody fails by that", async () => {
    await responder.answer(ROUTER[4], "honest");
    const daemon = await startProbed(laboratory, probedConfiguration({ targets: [ROUTER[4], PEER] }));
    await responder.answer(ROUTER[4], { elsewhere: "192.0.2.99" });
    await daemon.until("the router to be dropped", (seen) =>
      BOTH.every((name) => targetLine(seen, name) === `routes: ${PEER} active, ${ROUTER[4]} dead`),
    );
    assertNobodyFailed(daemon, await untilJudged(daemon, BOTH, 20));
  });

  it("T59: is not believed where it answers a link-local address from a global one", async () => {
    await laboratory.ip("router", [`address add ${ROUTER_LINK_LOCAL}/64 dev lan nodad`]);
    await responder.answer(ROUTER_LINK_LOCAL, "honest");
    const gateways = [ROUTER[4], ROUTER_LINK_LOCAL];
    const daemon = await startProbed(laboratory, probedConfiguration({ interfaces: PROBED_PAIR_6, gateways }));
    await laboratory.filter("peer", { in: [lost(ECHO[6])] });
    await responder.answer(ROUTER_LINK_LOCAL, { elsewhere: ROUTER[6] });
    await daemon.until("the group to fail", (seen) => summary(seen) === "failed: eth0 failed, eth1 failed");
    const { wrongSource } = await statisticsOf(daemon, "eth0", ROUTER_LINK_LOCAL);
    assert.ok(wrongSource >= 5);
    await untilLogged(daemon, /Fake probe reply seq \d+ snxt \d+ on eth0 from 2001:db8::1/);
    await responder.answer(ROUTER_LINK_LOCAL, "honest");
    await daemon.until("the return", (seen) => summary(seen) === WELL);
  });
});
