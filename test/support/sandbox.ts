/**
 * Runs this very program again in a world of its own (`scripts/sandbox.sh`): own network, own processes, own /run. What it
 * makes there is gone when it ends, however it ends. A test file that needs one begins with
 *
 *     const refusal = await enterSandbox();
 *     before(function () { if (refusal !== undefined) skipBecause(this, refusal); });
 */
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const SANDBOX = fileURLToPath(new URL("../../scripts/sandbox.sh", import.meta.url));

/** True inside the private world. */
export function inSandbox(): boolean {
  return process.env.IPMP_SANDBOX === "1";
}

/** Why no private world can be made here, and what is needed; undefined where it can. */
export function sandboxRefusal(): string | undefined {
  const check = spawnSync(SANDBOX, ["--check"], { encoding: "utf8" });
  return check.status === 0 ? undefined : check.stdout.trim() || check.stderr.trim() || String(check.error);
}

/**
 * Inside: returns undefined. Outside: runs this program with the same arguments inside, and ends with its status; where
 * that can not be, returns the reason.
 */
export async function enterSandbox(): Promise<string | undefined> {
  if (inSandbox()) return undefined;
  const refusal = sandboxRefusal();
  if (refusal !== undefined) return refusal;
  process.exit(await repeatInside());
}

/** The status that a shell would show for the repeated program. */
function repeatInside(): Promise<number> {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(SANDBOX, words, { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the program inside by itself; it may take its time to say good-bye.
  process.on("SIGINT", () => {});
  // These reach only us. Our end is the end of the world inside, by the kernel's hand, with all that is in it.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
