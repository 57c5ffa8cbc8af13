/** A run may not end well when a stage crashed, ran nothing, or hid a failure. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStage, countedStage, mochaStage } from "../../../scripts/checks/stage.ts";
import { ctestTally, specTally, sum, type Tally, tallyText } from "../../../scripts/checks/tally.ts";

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
    const { tally } = await checkStage("x", node("console.log('Found 1 info.')"), judge).run();
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

describe("mocha stages", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipmp-stage-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (text: string) => {
    writeFileSync(join(folder, "planted.test.mjs"), text);
    return mochaStage("planted", `${folder}/*.test.mjs`).run();
  };

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
