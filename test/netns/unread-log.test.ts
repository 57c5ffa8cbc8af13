/** A daemon whose standard error nobody reads: it fails over, answers, reloads and ends as ever, and later tells how much was lost. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { standardConfiguration, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const CALM = "ok: eth0 active, eth1 active, eth2 inactive";
const PULLED = "degraded: eth0 failed, eth1 active, eth2 active";

/**
 * Runs the words with a blocking standard error that it alone could read; ends with their status, and passes TERM and HUP on. USR1: fills
 * that up, and says so. USR2: reads all, and prints it.
 */
const DEAF = `
import os, signal, socket, subprocess, sys, threading
if sys.argv[1] == "pipe": ours, theirs = os.pipe()
else: ours, theirs = (one.detach() for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))
child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *sys.argv[2:]], stderr=theirs)
def fill(*_):
    os.set_blocking(theirs, False)
    for size in (4096, 1):
        try:
            while True: os.write(theirs, b"." * size)
        except BlockingIOError: pass
    os.set_blocking(theirs, True)
    print("full", flush=True)
def read():
    while text := os.read(ours, 65536): print(text.decode(), end="", flush=True)
for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, lambda number, _: child.send_signal(number))
signal.signal(signal.SIGUSR1, fill)
signal.signal(signal.SIGUSR2, lambda *_: threading.Thread(target=read, daemon=True).start())
sys.exit(child.wait())
`;

/** Its problems fill 20 KiB of the log. */
const BAD = `groups:\n  ipmp0:\n${Array.from({ length: 200 }, (_, i) => `    bad${i}: 1\n`).join("")}`;

describe("a standard error that nobody reads", () => {
  let laboratory: Laboratory;
  /** All daemons here write into one file: so long it was before the present one. */
  let logged = 0;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
  });

  after(() => laboratory?.close());

  afterEach(() => laboratory?.plug("eth0"));

  async function startDeaf(kind: string): Promise<LabDaemon> {
    const environment = ["python3", "-c", DEAF, kind];
    const daemon = await LabDaemon.start(laboratory, standardConfiguration(), { environment });
    logged = daemon.log().length;
    await daemon.until("calm", (seen) => summary(seen) === CALM);
    process.kill(daemon.pid, "SIGUSR1");
    await said(daemon, /^full$/m);
    return daemon;
  }

  const said = (daemon: LabDaemon, what: RegExp) =>
    waitFor(
      `the log to say ${what}`,
      () => daemon.log().slice(logged),
      (log) => what.test(log),
    );

  for (const kind of ["pipe", "socket"]) {
    it(`(a ${kind}) holds up neither failover, root's socket, reload nor end`, async () => {
      const daemon = await startDeaf(kind);
      const traffic = await Traffic.start(laboratory);
      assertServed(
        await traffic.during(async () => {
          await laboratory.pull("eth0");
          await daemon.until("the failover", (seen) => summary(seen) === PULLED);
        }),
      );
      await traffic.stop();
      daemon.write(standardConfiguration({ failback: false }));
      daemon.hangUp();
      const isReloaded = async () => JSON.stringify(await daemon.client.configuration());
      await waitFor("the reload", isReloaded, (text) => /"failback":false/.test(text));
      assert.equal(await daemon.stop(), 0);
      const next = await LabDaemon.start(laboratory, standardConfiguration());
      assert.equal(await next.stop(), 0);
    });

    it(`(a ${kind}) costs the lines that are too many, which are counted and told when somebody reads`, async () => {
      const daemon = await startDeaf(kind);
      for (let i = 0; i < 20; i++) await assert.rejects(daemon.client.applyConfiguration(BAD), { code: "REFUSED" });
      process.kill(daemon.pid, "SIGUSR2");
      await said(daemon, /warning ipmpd\[\d+\]: \d+ lines of the log were lost: nobody reads standard error\n/);
      assert.equal(await daemon.stop(), 0);
      await said(daemon, /Stopping; addresses and routes stay/);
      assert.equal(
        daemon
          .log()
          .slice(logged)
          .match(/ of the log were lost/g)?.length,
        1,
      );
    });
  }
});
