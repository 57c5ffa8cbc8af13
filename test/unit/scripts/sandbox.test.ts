/** Whoever started a sandbox can end it, with everything in it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sandboxRefusal } from "../../support/sandbox.ts";
import { skipBecause } from "../../support/skip.ts";

const SANDBOX = fileURLToPath(new URL("../../../scripts/sandbox.sh", import.meta.url));

/** As a shell shows it. */
async function statusOf(child: ChildProcess): Promise<number> {
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

describe("sandbox", () => {
  before(function () {
    const refusal = sandboxRefusal();
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  it("hands input, output and status through", async () => {
    const child = spawn(SANDBOX, ["sh", "-c", "cat; exit 7"], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end("hello");
    const [status, output] = await Promise.all([statusOf(child), text(child.stdout)]);
    assert.deepEqual([status, output], [7, "hello"]);
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`ends by ${signal} with all that was started in it`, async () => {
      const command = ["sh", "-c", "sleep 1000 & setsid sleep 1000 & echo up; wait"];
      const child = spawn(SANDBOX, command, { stdio: ["ignore", "pipe", "pipe"] });
      await once(child.stdout, "data");
      child.kill(signal);
      assert.equal(await statusOf(child), 128 + constants.signals[signal]);
      // Each process in there holds the output open: its end is that of the last one.
      await text(child.stdout);
    });
  }
});
