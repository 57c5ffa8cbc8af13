/** What `ipmpd` refuses: one sentence, the right status, and a kernel that was not touched. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ipmpd, ipmpdWords, LabDaemon } from "../support/daemon.ts";
import { dumpOf } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import type { Outcome } from "../support/processes.ts";
import { buildThreadRefuser } from "../support/refused-threads.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { standardConfiguration } from "../support/standard-group.ts";

const refusal = await enterSandbox();

const NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
const GOOD = standardConfiguration();

describe("ipmpd refuses", () => {
  let laboratory: Laboratory;
  let untouched: string[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    chmodSync(laboratory.directory, 0o755);
    untouched = await dumpOf(laboratory, "host");
  });

  afterEach(async () => {
    if (laboratory !== undefined) assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });

  after(() => laboratory?.close());

  function file(name: string, text: string): string {
    const path = join(laboratory.directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs ipmpd in front of which these words stand. */
  function run(before: readonly string[], ...words: string[]): Promise<Outcome> {
    const command = [...before, ...ipmpdWords(laboratory, "host", ...words)];
    return laboratory.run("host", command, { anyStatus: true });
  }

  function assertOneSentence({ status, stdout, stderr }: Outcome, wanted: number, text: RegExp): void {
    assert.equal(status, wanted, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, text);
    assert.equal(stderr.split("\n").length, 2, `more than one line:\n${stderr}`);
  }

  const WRONG_FILES = [
    { what: "an unknown key", from: "failback:", to: "fallback:", at: "4:5", text: /`fallback`.*`failback`/ },
    { what: "a wrong type", from: "failback: true", to: "failback: 7", at: "4:15", text: /true or false/ },
    {
      what: "an address in two groups",
      from: GOOD,
      to: `${GOOD}  other:\n    interfaces: { eth9: }\n    addresses: [192.0.2.10/24]\n`,
      at: "13:17",
      text: /192\.0\.2\.10/,
    },
  ] as const;

  for (const { what, from, to, at, text } of WRONG_FILES) {
    it(`${what}, and names the place`, async () => {
      const path = file("wrong.yaml", GOOD.replace(from, to));
      for (const words of [["--check"], []]) {
        const { status, stderr } = await ipmpd(laboratory, "host", "--config", path, ...words);
        assert.equal(status, 2);
        const line = stderr.split("\n").find((one) => one.startsWith(`${path}:${at}: `)) ?? "";
        assert.match(line, text, stderr);
      }
    });
  }

  it("not a good file", async () => {
    const path = file("good.yaml", GOOD);
    const outcome = await ipmpd(laboratory, "host", "--check", "--config", path);
    const stdout = `${path} is good: 1 group, 3 interfaces, 3 data addresses\n`;
    assert.deepEqual(outcome, { status: 0, stdout, stderr: "" });
  });

  it("a file that it may not read", async () => {
    const path = file("secret.yaml", GOOD);
    chmodSync(path, 0o600);
    const outcome = await run(NOBODY, "--check", "--config", path);
    assertOneSentence(outcome, 2, /secret\.yaml.*(EACCES|permission)/i);
  });

  it("a folder, and a file that is not there", async () => {
    const path = join(laboratory.directory, "folder");
    mkdirSync(path);
    assertOneSentence(await run([], "--check", "--config", path), 2, /folder/);
    assertOneSentence(await run([], "--check", "--config", `${path}/none.yaml`), 2, /none\.yaml/);
  });

  it("unknown words", async () => {
    const { status, stdout, stderr } = await ipmpd(laboratory, "host", "--no-such-option");
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^ipmpd: .*--no-such-option/);
  });

  it("to run without privileges", async () => {
    const words = ["--config", file("good.yaml", GOOD)];
    const outcome = await run(NOBODY, ...words);
    assert.equal(outcome.status, 1, outcome.stderr);
    assert.match(outcome.stderr, /^ipmpd: .*CAP_NET_ADMIN/);
    const bounded = await run(["setpriv", "--bounding-set", "-net_raw"], ...words);
    assertOneSentence(bounded, 1, /^ipmpd: .*CAP_NET_RAW.*root/);
    const release = await run(NOBODY, "--release");
    assert.equal(release.status, 1, release.stderr);
  });

  for (const [number, thread] of ["the I/O thread", "the probing thread"].entries()) {
    it(`to run without ${thread}, and says which limit to raise`, async () => {
      const refuser = buildThreadRefuser(laboratory.directory);
      const words = ["--config", file("good.yaml", GOOD)];
      const outcome = await run(["env", `LD_PRELOAD=${refuser}`, `REFUSE_THREAD=${number + 1}`], ...words);
      assertOneSentence(
        outcome,
        1,
        /^ipmpd: starting a thread failed with EAGAIN; raise the limit of tasks: TasksMax=/,
      );
    });
  }

  it("to be the second in a namespace (T12)", async () => {
    const daemon = await LabDaemon.start(laboratory, GOOD);
    const inPlace = await dumpOf(laboratory, "host");
    assertOneSentence(await run([], "--config", daemon.configFile), 1, /^ipmpd: .*already active\?/);
    assert.deepEqual(await dumpOf(laboratory, "host"), inPlace);
    await daemon.stop();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
  });
});
