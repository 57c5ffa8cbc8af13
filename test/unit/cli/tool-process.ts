/** Our tools as processes, from their sources. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

export interface Circumstances {
  /** For IPMP_RUNTIME_DIR. */
  readonly runtimeDir?: string;
  /** Where standard output leads: read by us, by nobody, or into this file descriptor. */
  readonly stdout?: "pipe" | "hung up" | number;
}

/** Runs src/cli/NAME.ts with these words to its end. */
export function runTool(name: string, words: readonly string[], circumstances: Circumstances = {}): Promise<Outcome> {
  return startTool(name, words, circumstances).outcome;
}

/** Starts it, for those who have something to do with it meanwhile. */
export function startTool(
  name: string,
  words: readonly string[],
  { runtimeDir = "/nonexistent", stdout = "pipe" }: Circumstances = {},
): { readonly child: ChildProcess; readonly outcome: Promise<Outcome> } {
  const file = fileURLToPath(new URL(`../../../src/cli/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, ...words], {
    env: { ...process.env, IPMP_RUNTIME_DIR: runtimeDir },
    stdio: ["ignore", stdout === "hung up" ? "pipe" : stdout, "pipe"],
  });
  if (stdout === "hung up") child.stdout?.destroy();
  return { child, outcome: outcomeOf(child) };
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const said = { output: "", errors: "" };
  child.stdout?.on("data", (chunk) => {
    said.output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    said.errors += chunk;
  });
  const [status] = await once(child, "close");
  return { status, ...said };
}
