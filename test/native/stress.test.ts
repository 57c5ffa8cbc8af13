/** The addon under stress: each situation of `stages.cjs` in a process and a network namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildThreadRefuser } from "../support/refused-threads.ts";

const PROGRAM = fileURLToPath(new URL("stages.cjs", import.meta.url));
/** Generous: under the thread sanitizer everything takes twenty times as long. */
const LIMIT_MS = 180_000;

describe("the native addon", function () {
  this.timeout(LIMIT_MS + 5_000);
  const directory = mkdtempSync(join(tmpdir(), "ipmp-stress-"));
  let refuser: string;

  before(() => {
    refuser = buildThreadRefuser(directory);
  });

  after(() => rmSync(directory, { recursive: true }));

  for (const stage of listStages()) {
    it(stage, () => {
      const { status, signal, stdout, stderr } = spawnSync("unshare", ["--net", process.execPath, PROGRAM, stage], {
        encoding: "utf8",
        timeout: LIMIT_MS,
        env: { ...process.env, ...preloaded(refuser) },
      });
      assert.equal(signal, null, `ended by ${signal}\n${stdout}${stderr}`);
      assert.equal(status, 0, `exit code ${status}\n${stdout}${stderr}`);
      assert.doesNotMatch(stderr, /Sanitizer|runtime error:|FATAL ERROR/);
    });
  }
});

function listStages(): string[] {
  return execFileSync(process.execPath, [PROGRAM, "--list"], {
    encoding: "utf8",
    env: { ...process.env, ...preloaded() },
  })
    .trim()
    .split("\n");
}

/** The sanitizer's library must be the first of all; only the programs under test get it, not mocha. */
function preloaded(...libraries: readonly string[]): NodeJS.ProcessEnv {
  const { IPMP_SANITIZER_LIBRARY: sanitizer } = process.env;
  return { LD_PRELOAD: [...(sanitizer ? [sanitizer] : []), ...libraries].join(" ") };
}
