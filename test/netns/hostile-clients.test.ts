/** Local users without any right: whatever they do to status.sock, root's socket, signals and failovers do not notice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { end } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { standardConfiguration, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";
import { exchange } from "../unit/control/support.ts";

const refusal = await enterSandbox();

const CLIENT = fileURLToPath(new URL("../support/hostile-client.mjs", import.meta.url));

const KINDS = [
  "slow-reader",
  "one-slow-reader",
  "unread-pipelining",
  "endless-body",
  "endless-headers",
  "all-streams",
  "all-probe-streams",
  "thousand-connections",
  "half-requests",
  "half-open",
  "garbage",
  "busy-reader",
] as const;

/** What is asked of root's socket. */
const MOST_MS = 100;
const QUESTIONS = 15;
/** One such client made a daemon that answered whatever was asked grow by hundreds. */
const MOST_GROWTH_MIB = 150;
/** What is left once they have gone, of the failovers and reloads of this test as well: not more and more. */
const MOST_LEFT_MIB = 90;
/** Nobody's connections, of whatever number. */
const MOST_NEW_FILES = 200;

const CALM = "ok: eth0 active, eth1 active, eth2 inactive";

describe("hostile clients of status.sock", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let status: string;
  let control: string;
  let calmMiB: number;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration());
    // For everybody, as /run is.
    for (const place of [laboratory.directory, join(daemon.runtimeDir, "..")]) chmodSync(place, 0o755);
    status = join(daemon.runtimeDir, "status.sock");
    control = join(daemon.runtimeDir, "control.sock");
    await daemon.until("calm", (seen) => summary(seen) === CALM);
    calmMiB = memoryMiB();
  });

  after(() => laboratory?.close());

  function memoryMiB(): number {
    const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8")) ?? [];
    return Number(kib) / 1024;
  }

  const openFiles = () => readdirSync(`/proc/${daemon.pid}/fd`).length;

  async function attack(kind: string) {
    const words = [process.execPath, CLIENT, kind, status];
    const child = laboratory.spawn("host", words, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    return child;
  }

  /** Of several questions one after the other on root's socket. */
  async function medianMs(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < QUESTIONS; i += 1) {
      const before = performance.now();
      assert.equal((await exchange(control, "/v1/openapi.json", { method: "HEAD" })).status, 200);
      times.push(performance.now() - before);
    }
    return times.sort((a, b) => a - b)[Math.floor(QUESTIONS / 2)] ?? Number.NaN;
  }

  async function reload(): Promise<void> {
    const before = daemon.log().length;
    daemon.hangUp();
    await waitFor(
      "the word about the reload",
      () => daemon.log().slice(before),
      (log) => /is in force/.test(log),
    );
  }

  async function loseCard(): Promise<void> {
    await laboratory.pull("eth0");
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
  }

  for (const kind of KINDS) {
    it(`take nothing from root: ${kind}`, async () => {
      const before = { memory: calmMiB, files: openFiles() };
      const hostile = await attack(kind);
      const latency = await medianMs();
      assert.ok(latency < MOST_MS, `root waits ${latency} ms for an answer`);
      const traffic = await Traffic.start(laboratory);
      assertServed(await traffic.during(loseCard));
      await traffic.stop();
      await reload();
      const most = { memory: memoryMiB() - before.memory, files: openFiles() - before.files };
      assert.ok(most.memory < MOST_GROWTH_MIB, `the daemon has grown by ${most.memory} MiB`);
      assert.ok(most.files < MOST_NEW_FILES, `the daemon has ${most.files} more open files`);
      await laboratory.plug("eth0");
      await daemon.until("calm", (seen) => summary(seen) === CALM);
      await end(hostile);
      await waitFor("its files to be closed", openFiles, (count) => count <= before.files + 4, 30_000);
      await waitFor("its memory to be given back", memoryMiB, (now) => now - before.memory < MOST_LEFT_MIB, 30_000);
      assert.equal((await exchange(status, "/v1/groups")).status, 200);
    });
  }

  it("do not hold up the end of the daemon", async () => {
    await Promise.all([attack("slow-reader"), attack("all-streams"), attack("busy-reader")]);
    // A process that has not ended after two seconds is killed, and that is no status 0.
    assert.equal(await daemon.stop(), 0);
    assert.deepEqual(readdirSync(daemon.runtimeDir), []);
  });
});
