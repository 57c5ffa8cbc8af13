/** Signals at any moment of a start: nothing is left half done, and the next start is as good as any. */
import assert from "node:assert/strict";
import { setTimeout as later } from "node:timers/promises";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { Random } from "../support/random.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, ONE_AND_STANDBY, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const CONFIGURATION = standardConfiguration({ interfaces: ONE_AND_STANDBY });
const WELL = "ok: eth0 active, eth1 inactive";
const SIGNALS = ["SIGTERM", "SIGINT", "SIGKILL", "SIGHUP"] as const;
/** A hundred of each take some ten minutes: IPMP_STARTS=100. */
const CYCLES = Number(process.env.IPMP_STARTS ?? 3);
const SEED = 1;

describe("signals at random moments of a start", () => {
  let laboratory: Laboratory;
  let untouched: string[];
  let startMs: number;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    untouched = await dumpOf(laboratory, "host");
    const before = performance.now();
    const daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    startMs = performance.now() - before;
    assert.equal(await daemon.stop(), 0);
    await release();
  });

  after(() => laboratory?.close());

  /** Takes away what was left, which has to be all that was made. */
  async function release(): Promise<void> {
    const { status, stderr } = await ipmpd(laboratory, "host", "--release");
    assert.equal(status, 0, stderr);
    await waitFor(
      "everything to be as it was",
      () => dumpOf(laboratory, "host"),
      (seen) => seen.join() === untouched.join(),
    );
  }

  for (const [at, signal] of SIGNALS.entries()) {
    it(`${signal}, ${CYCLES} times: the end is clean, and the next start places everything`, async function () {
      this.timeout(60_000 + CYCLES * 20_000);
      const random = new Random(SEED + at);
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        const daemon = LabDaemon.launch(laboratory, CONFIGURATION);
        const afterMs = random.next() * startMs * 1.2;
        await later(afterMs);
        const what = `${signal} ${Math.round(afterMs)} ms after the start, cycle ${cycle}`;
        await hit(daemon, signal, what);
        const next = await LabDaemon.start(laboratory, CONFIGURATION);
        await next.until(`all to be well after ${what}`, (seen) => summary(seen) === WELL);
        await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
        assert.equal(await next.stop(), 0, what);
        await release();
      }
    });
  }

  /** It ends with status 0, or by the signal, where that came before anybody listened to it; and whom SIGHUP finds at work goes on. */
  async function hit(daemon: LabDaemon, signal: (typeof SIGNALS)[number], what: string): Promise<void> {
    if (signal === "SIGKILL") {
      await daemon.kill();
    } else if (signal === "SIGHUP") {
      daemon.hangUp();
      const look = async () => daemon.endedBy ?? (await daemon.snapshot().then(summary, () => "not there yet"));
      await waitFor(`the daemon to work, or to have ended, after ${what}`, look, (seen) =>
        ["SIGHUP", WELL].includes(seen),
      );
      if (daemon.endedBy === null) assert.equal(await daemon.stop(), 0, what);
    } else {
      const status = await daemon.stop(signal);
      assert.ok(status === 0 || daemon.endedBy === signal, `${what}: status ${status}: ${daemon.log()}`);
    }
  }
});
