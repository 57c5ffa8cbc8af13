/** Somebody forges the neighbour entries of our targets: living members do not fail by that, and dead ones do all the same. */
import assert from "node:assert/strict";
import type { LabDaemon } from "../support/daemon.ts";
import { FORGED_HARDWARE_ADDRESS, Forger } from "../support/forger.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import {
  assertNobodyFailed,
  memberOf,
  probedConfiguration,
  probesOf,
  ROUTER_LINK_LOCAL,
  startProbed,
  statisticsOf,
  TEST,
  TEST_6,
  untilJudged,
  untilLogged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const ALL = ["eth0", "eth1", "eth2"] as const;
const WELL = "ok: eth0 active, eth1 active, eth2 active";
const PEER_LINK_LOCAL = "fe80::2";
const TARGETS = [ADDRESSES.router[4], ADDRESSES.peer[4], ROUTER_LINK_LOCAL, PEER_LINK_LOCAL] as const;
const MEMBERS = [
  `eth0: { test-address: [${TEST.eth0}/24, "${TEST_6.eth0}/64"] }`,
  `eth1: { test-address: [${TEST.eth1}/24, "${TEST_6.eth1}/64"] }`,
  `eth2: { test-address: [${TEST.eth2}/24, "fe80::22/64"] }`,
];

const FORGED_PER_SECOND = 300;
const DETECTION_MS = 2_000;
const STEP_MS = DETECTION_MS / 7;
/**
 * Each member loses a probe or two before it asks past the table, and after a lie that came late; what others lose as well is held against nobody,
 * so that a failure takes one loss more by intention, or two.
 */
const LIMIT_MS = DETECTION_MS + 2 * STEP_MS;
/** Four times as many as make a failure. */
const PROBES = 20;

describe("three members whose neighbour entries are forged", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let forger: Forger;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 3, peer: true, duplicateAddressDetection: false });
    await laboratory.ip("router", [`address add ${ROUTER_LINK_LOCAL}/64 dev lan nodad`]);
    await laboratory.ip("peer", [`address add ${PEER_LINK_LOCAL}/64 dev lan nodad`]);
    const configuration = probedConfiguration({
      interfaces: `{ ${MEMBERS.join(", ")} }`,
      detectionTime: `${DETECTION_MS}ms`,
      targets: TARGETS,
      more: ["fail-on: any-family"],
    });
    daemon = await startProbed(laboratory, configuration);
    forger = await Forger.start(laboratory, TARGETS, FORGED_PER_SECOND);
  });

  afterEach(() => laboratory.heal("eth0"));

  after(async () => {
    forger?.stop();
    await laboratory?.close();
  });

  /** Where the host believes the targets to be, by each member. */
  async function believed(): Promise<string[]> {
    const entries = await laboratory.ipJson<{ dst: string; dev: string; lladdr?: string }>("host", "neighbour");
    const asked: readonly string[] = TARGETS;
    return entries.filter(({ dst }) => asked.includes(dst)).map(({ dev, dst, lladdr }) => `${dev} ${dst} ${lladdr}`);
  }

  const said = (name: string, target: string) =>
    new RegExp(`Target ${target} answers ${name} .*only what is sent to all`);

  it("do not fail by either family", async () => {
    const forged = ALL.flatMap((name) => TARGETS.map((target) => `${name} ${target} ${FORGED_HARDWARE_ADDRESS}`));
    await waitFor("all entries to be forged", believed, (entries) => forged.every((one) => entries.includes(one)));
    for (const name of ALL) for (const target of TARGETS) await untilLogged(daemon, said(name, target));
    const before = await daemon.snapshot();
    await Promise.all([untilJudged(daemon, ALL, PROBES), untilJudged(daemon, ALL, PROBES, 6)]);
    const after = await daemon.snapshot();
    assert.equal(summary(after), WELL);
    assertNobodyFailed(daemon, after);
    for (const name of ALL) {
      for (const family of [4, 6] as const) {
        const answers = probesOf(after, name, family).answered - probesOf(before, name, family).answered;
        assert.ok(answers > PROBES / 2, `IPv${family} of ${name} had ${answers} answers to ${PROBES} probes`);
      }
      // A probe of which both copies are answered was answered once.
      for (const target of TARGETS) assert.equal((await statisticsOf(daemon, name, target)).duplicate, 0);
    }
  });

  for (const direction of ["in", "out"] as const) {
    it(`fail in time all the same where the path is dead (${direction}), and come back`, async () => {
      await laboratory.blackhole("eth0", direction);
      const from = Date.now();
      const failed = await daemon.until("the failure", (seen) => memberOf(seen, "eth0").state === "failed");
      const took = Date.parse(memberOf(failed, "eth0").since) - from;
      assert.ok(took <= LIMIT_MS, `it took ${took} ms of ${LIMIT_MS}`);
      assert.equal(memberOf(failed, "eth0").reason, "probes-lost");
      await laboratory.heal("eth0");
      await daemon.until("the repair", (seen) => summary(seen) === WELL, 30_000);
    });
  }

  it("are told to be well again once nobody forges", async () => {
    forger.stop();
    await laboratory.ip("host", ["neighbour flush all"]);
    for (const target of TARGETS)
      await untilLogged(daemon, new RegExp(`Target ${target} answers eth1 .*without frames`));
  });
});
