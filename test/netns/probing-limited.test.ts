/** A router that answers only so many echo requests a second, whoever asks: no path is bad, and one that is gets found. */
import assert from "node:assert/strict";
import type { Family } from "../../src/core/configuration.ts";
import type { GroupSnapshot } from "../../src/core/snapshot.ts";
import { Laboratory } from "../support/laboratory.ts";
import { limited } from "../support/port-rules.ts";
import {
  assertNobodyFailed,
  memberOf,
  PROBED_PAIR,
  PROBED_PAIR_6,
  probedConfiguration,
  probesOf,
  ROUTER_LINK_LOCAL,
  startProbed,
  untilJudged,
  untilLogged,
} from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";

const refusal = await enterSandbox();

const BOTH = ["eth0", "eth1"] as const;
/** Of the 140 that two members ask in a second where probes leave every 14 ms. */
const ANSWERS_PER_SECOND = 50;
const DETECTION_TIME_MS = 100;
const REQUESTS = { 4: "icmp type echo-request", 6: "icmpv6 type echo-request" } as const;
const MEMBERS = { 4: PROBED_PAIR, 6: PROBED_PAIR_6 } as const;
const TARGETS = { 4: [], 6: [ROUTER_LINK_LOCAL] } as const;
const TOLD = /answer only part of the probes/g;

describe("targets that limit their answers", () => {
  let laboratory: Laboratory;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  afterEach(() => laboratory?.close());

  for (const family of [4, 6] satisfies Family[]) {
    it(`are probed more slowly, it is said once, no member fails, and a dead path is found (IPv${family})`, async () => {
      laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
      if (family === 6) await laboratory.ip("router", [`address add ${ROUTER_LINK_LOCAL}/64 dev lan nodad`]);
      const daemon = await startProbed(
        laboratory,
        probedConfiguration({
          interfaces: MEMBERS[family],
          detectionTime: `${DETECTION_TIME_MS}ms`,
          targets: TARGETS[family],
        }),
      );
      await untilJudged(daemon, BOTH, 60, family);
      await laboratory.filter("router", { in: [limited(ANSWERS_PER_SECOND, 5, REQUESTS[family])] });
      await untilLogged(daemon, new RegExp(TOLD, ""));
      await daemon.until("a slower pace", ({ groups }) => groups.every(isSlower));
      const snapshot = await untilJudged(daemon, BOTH, 100, family);
      for (const name of BOTH) assert.ok(probesOf(snapshot, name, family).lost > 0, `${name} has lost some`);
      assertNobodyFailed(daemon, snapshot);
      assert.equal(daemon.log().match(TOLD)?.length, 1);
      const { stdout } = await daemon.ipmpstat("-P", "-g", "-o", "fdt");
      assert.ok(Number.parseFloat(stdout) * 1000 > DETECTION_TIME_MS, stdout);

      await laboratory.blackhole("eth0");
      await daemon.until("the failover", (seen) => memberOf(seen, "eth0").state === "failed");
      assert.equal(memberOf(await daemon.snapshot(), "eth1").state, "ok");
    });
  }
});

function isSlower({ failureDetectionTimeMs }: GroupSnapshot): boolean {
  return Number(failureDetectionTimeMs) > DETECTION_TIME_MS;
}
