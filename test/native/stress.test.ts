/** The addon under stress: each situation of `stages.cjs` in a process and a network namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("stages.cjs", import.meta.url));
/** Generous: under the thread sanitizer everything takes twenty times as long. */
const LIMIT_MS = 180_000;

describe("the native addon", function () {
  this.timeout(LIMIT_MS + 5_000);

  for (const stage of listStages()) {
    it(stage, () => {
      const { status, signal, stdout, stderr } = spawnSync("unshare", ["--net", process.execPath, PROGRAM, stage], {
        encoding: "utf8",
        timeout: LIMIT_MS,
        env: { ...process.env, ...sanitizerEnvironment() },
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
    env: { ...process.env, ...sanitizerEnvironment() },
  })
    .trim()
    .split("\n");
}

/** The sanitizer's library must be there before Node's own; only the programs under test get it, not mocha. */
function sanitizerEnvironment(): NodeJS.ProcessEnv {
  const { IPMP_SANITIZER_LIBRARY: library } = process.env;
  return library ? { LD_PRELOAD: library } : {};
}
