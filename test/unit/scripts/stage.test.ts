/** A run may not end well when a stage crashed, ran nothing, or hid a failure. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkStage,
  countedStage,
  type MochaOptions,
  mochaStage,
  type StageOutcome,
} from "../../../scripts/checks/stage.ts";
import { ctestTally, specTally, sum, type Tally, tallyText } from "../../../scripts/checks/tally.ts";
import { waitFor } from "../../support/wait-for.ts";

const node = (code: string) => [process.execPath, "-e", code];

describe("tally", () => {
  it("writes the line that build machines read", () => {
    assert.equal(tallyText({ passed: 3, failed: 0, skipped: [] }), "3 passed, 0 failed");
    const skipped = [{ title: "a", reason: "no bond" }];
    assert.equal(tallyText(sum([{ passed: 1, failed: 2, skipped }])), "1 passed, 2 failed, 1 skipped");
  });

  it("reads every summary of ctest", () => {
    const output = "100% tests passed, 0 tests failed out of 7\n\n50% tests passed, 1 tests failed out of 2\n";
    assert.deepEqual(ctestTally(output), { passed: 8, failed: 1, skipped: [] });
    assert.equal(ctestTally("No tests were found!!!"), undefined);
  });

  it("reads mocha's own counts", () => {
    assert.deepEqual(specTally("\n  12 passing (3s)\n"), { passed: 12, failed: 0, skipped: [] });
    assert.deepEqual(specTally("  1 passing (3s)\n  2 pending\n  3 failing\n")?.failed, 5);
    assert.equal(specTally("Error: No test files found"), undefined);
  });
});

describe("stages", () => {
  it("a check that ends well counts nothing, one that does not is one failure", async () => {
    assert.deepEqual((await checkStage("x", node("")).run()).tally, { passed: 0, failed: 0, skipped: [] });
    const { tally, problem } = await checkStage("x", node("process.exit(3)")).run();
    assert.equal(tally.failed, 1);
    assert.match(problem ?? "", /status 3/);
  });

  it("a command that is not there is a failure", async () => {
    const { problem } = await checkStage("x", ["./no-such-program"]).run();
    assert.match(problem ?? "", /ENOENT/);
  });

  it("a judge may refuse what ended well", async () => {
    const judge = (output: string) => (output.includes("Found 1 info.") ? "remarks" : undefined);
    const { tally } = await checkStage("x", node("console.log('Found 1 info.')"), { judge }).run();
    assert.equal(tally.failed, 1);
  });

  it("no counts, no tests, and a crash after good tests are failures", async () => {
    const good: Tally = { passed: 2, failed: 0, skipped: [] };
    const failures = async (code: string, tally: Tally | undefined) =>
      (await countedStage("x", node(code), () => tally).run()).tally.failed;
    assert.equal(await failures("", good), 0);
    assert.equal(await failures("", undefined), 1);
    assert.equal(await failures("", { ...good, passed: 0 }), 1);
    assert.equal(await failures("process.exit(1)", good), 1);
  });
});

describe("time limits", () => {
  const limitMs = 500;
  /** Starts a process that hangs, tells its id, and hangs as well: both hold the output open. */
  const hang = (detached: boolean) =>
    node(`
      const { spawn } = require("node:child_process");
      const words = ["-e", "setInterval(() => {}, 1000)"];
      const child = spawn(process.execPath, words, { stdio: "inherit", detached: ${detached} });
      console.log("1 passing", "child", child.pid);
      setInterval(() => {}, 1000);
    `);

  /** The same below a command that has a limit of its own, which is far. */
  const nested = (command: readonly string[]) => {
    const module = new URL("../../../scripts/checks/command.ts", import.meta.url).href;
    const code = `import(${JSON.stringify(module)}).then((it) => it.runCommand(${JSON.stringify(command)}, { live: true }));`;
    return [process.execPath, "--import", "tsx", "-e", code];
  };

  async function assertEnded({ tally, problem, output }: StageOutcome): Promise<void> {
    assert.equal(tally.failed, 1);
    assert.match(problem ?? "", /was ended, for it took longer than its limit of/);
    const child = Number(/child (\d+)/.exec(output)?.[1]);
    assert.ok(child > 1, output);
    const alive = () =>
      existsSync(`/proc/${child}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${child}/status`, "utf8"));
    await waitFor("the end of the started process", alive, (still) => !still);
  }

  it("a stage that hangs fails, and all that it has started is ended with it", async () => {
    // Long enough for a stage of a stage to begin on a busy machine.
    const options = { limitMs: 10_000 };
    const outcomes = await Promise.all([
      checkStage("a check with a child", hang(false), options).run(),
      checkStage("a check with a process in a session of its own", hang(true), options).run(),
      countedStage("tests, whatever has been counted", hang(false), specTally, options).run(),
      checkStage("a stage of a stage", nested(hang(false)), options).run(),
    ]);
    for (const outcome of outcomes) await assertEnded(outcome);
  });

  it("a command whose output stays open after its end fails, too", async () => {
    const code = `
      const { spawn } = require("node:child_process");
      const child = spawn("env", ["-i", "sleep", "3"], { stdio: "inherit" });
      child.unref();
      process.exitCode = 0;
    `;
    const { problem } = await checkStage("x", node(code), { limitMs }).run();
    assert.match(problem ?? "", /limit of 0.5 s/);
  });
});

describe("mocha stages", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipmp-stage-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (text: string, options: MochaOptions = {}) => {
    writeFileSync(join(folder, "planted.test.mjs"), text);
    return mochaStage("planted", `${folder}/*.test.mjs`, options).run();
  };

  it("a test that hangs, and blocks mocha's own clock, is ended and fails", async () => {
    const { tally, problem } = await run("it('hangs', () => { for (;;); });", { limitMs: 3_000 });
    assert.equal(tally.failed, 1);
    assert.match(problem ?? "", /limit of 3 s/);
  });

  it("counts passed, failed and skipped with the reason, and a skip without one as failed", async () => {
    const { tally } = await run(`
      const because = (context) => { context.test[Symbol.for("ipmp.skipReason")] = "no bond"; context["skip"](); };
      it("good", () => {});
      it("bad", () => { throw new Error("bad"); });
      it("skipped", function () { because(this); });
      it("silent", function () { this["skip"](); });
    `);
    assert.deepEqual(tally, { passed: 1, failed: 2, skipped: [{ title: "skipped", reason: "no bond" }] });
  });

  it("a file that does not load is a failure", async () => {
    const { tally, problem } = await run("throw new Error('while loading');");
    assert.equal(tally.failed, 1);
    assert.ok(problem);
  });

  it("no files and no tests are failures", async () => {
    assert.equal((await mochaStage("none", `${folder}/*.none`).run()).tally.failed, 1);
    assert.equal((await run("describe('empty', () => {});")).tally.failed, 1);
  });
});
