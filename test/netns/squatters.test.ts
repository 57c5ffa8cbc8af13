/** Local users without any right who take names, paths and links that a daemon of root's may use: none of them gets anything of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ipmpd, ipmpdWords, LabDaemon } from "../support/daemon.ts";
import { dumpOf } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { end } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { standardConfiguration, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

const SQUATTER = fileURLToPath(new URL("../support/squatter.mjs", import.meta.url));
const NOBODY = 65534;

const CALM = "ok: eth0 active, eth1 active, eth2 inactive";

describe("squatters", () => {
  let laboratory: Laboratory;
  /** As /tmp is: everybody makes names here, and nobody takes away those of others. */
  let parent: string;
  let run: string;
  let state: string;
  let precious: string;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    chmodSync(laboratory.directory, 0o755);
    parent = join(laboratory.directory, "host");
    run = join(parent, "run");
    state = join(parent, "state");
    precious = join(laboratory.directory, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "file"), "untouched", { mode: 0o600 });
  });

  beforeEach(() => {
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, 0o1777);
  });

  afterEach(async () => {
    if (laboratory === undefined) return;
    assert.deepEqual(readdirSync(precious), ["file"]);
    assert.equal(readFileSync(join(precious, "file"), "utf8"), "untouched");
    assert.equal(statSync(join(precious, "file")).mode & 0o777, 0o600);
    await ipmpd(laboratory, "host", "--release");
    rmSync(parent, { recursive: true });
  });

  after(() => laboratory?.close());

  /** Begins, and returns after its first round; `said` holds everything that it says. */
  async function squat(...words: string[]) {
    const child = laboratory.spawn("host", [process.execPath, SQUATTER, run, state, precious, ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(child.stdout);
    const said: string[] = [];
    child.stdout.on("data", (chunk) => said.push(String(chunk)));
    while (!said.join("").includes("at it\n")) await once(child.stdout, "data");
    return { child, said: () => said.join("") };
  }

  it("get nothing of a daemon that runs, nor hold up a failover", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await daemon.until("calm", (seen) => summary(seen) === CALM);
    const { child, said } = await squat();
    const traffic = await Traffic.start(laboratory);
    assertServed(
      await traffic.during(async () => {
        await laboratory.pull("eth0");
        await daemon.until(
          "the failover",
          (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active",
        );
      }),
    );
    await traffic.stop();
    await laboratory.plug("eth0");
    await daemon.until("calm", (seen) => summary(seen) === CALM);
    assert.equal(await daemon.stop(), 0);
    // Also after its end: the runtime directory stays, and is root's.
    await end(child);
    assert.equal(said(), "at it\n");
  });

  it("get nothing of a daemon that starts among them, whatever they hold in the abstract name space", async () => {
    mkdirSync(run);
    mkdirSync(state);
    const { child, said } = await squat();
    for (let i = 0; i < 3; i++) {
      const daemon = await LabDaemon.start(laboratory, standardConfiguration());
      await daemon.until("calm", (seen) => summary(seen) === CALM);
      assert.equal(await daemon.stop(), 0);
    }
    await end(child);
    assert.equal(said(), "at it\n");
  });

  it("who were there first keep a daemon from the runtime directory, which it says with the remedy, and from nothing else", async () => {
    const before = await dumpOf(laboratory, "host");
    await squat("once");
    assert.equal(statSync(run).uid, NOBODY);
    const file = join(laboratory.directory, "ipmp.yaml");
    writeFileSync(file, standardConfiguration());
    const { status, stdout, stderr } = await laboratory.run("host", ipmpdWords(laboratory, "host", "--config", file), {
      anyStatus: true,
    });
    assert.deepEqual([status, stdout], [1, ""]);
    const lines = stderr.trim().split("\n");
    assert.match(lines.at(-1) ?? "", /Cannot use the runtime directory \S+: \S+ belongs to user 65534, .*remove it/);
    assert.deepEqual(await dumpOf(laboratory, "host"), before);
    assert.deepEqual(
      readdirSync(run).filter((name) => lstatSync(join(run, name)).uid === 0),
      [],
    );
  });

  it("who left a link in place of a directory are not followed", async () => {
    mkdirSync(run);
    symlinkSync(precious, state);
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await daemon.until("calm", (seen) => summary(seen) === CALM);
    assert.match(daemon.log(), /state is a symbolic link: name the directory itself, or remove the link/);
    assert.equal(await daemon.stop(), 0);
  });
});
