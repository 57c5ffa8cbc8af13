/** Child processes of the tests: run to the end, or kept and ended by process id. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { IpmpError } from "../../src/core/errors.ts";

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Text for standard input; without it there is none. */
  readonly input?: string;
  /** Any exit status is fine; without it, one that is not 0 throws COMMAND_FAILED. */
  readonly anyStatus?: boolean;
}

/** How long a process may take to end when asked, before it is killed. */
const GRACE_MS = 2000;

/** The whole text of a stream, once the process has ended. */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}

/** The exit status, 128 for an end by signal. Rejects when the program could not be started. */
export function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  if (child.signalCode !== null) return Promise.resolve(128);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 128));
  });
}

/** Runs a program to its end. */
export async function run(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"] });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that does not read its input to the end closes it early; its status tells enough.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const outcome = { status: await ended(child), stdout: stdout(), stderr: stderr() };
  if (outcome.status === 0 || options.anyStatus === true) return outcome;
  const said = outcome.stderr.trim() || outcome.stdout.trim() || "nothing";
  throw new IpmpError("COMMAND_FAILED", `${words.join(" ")} ended with status ${outcome.status}, saying: ${said}`);
}

/** The processes that somebody started and must end. */
export class ProcessKeeper {
  readonly #children = new Set<ChildProcess>();

  /** Starts a program that lives until it ends by itself or `endAll` is called. */
  start(words: readonly string[], options: SpawnOptions): ChildProcess {
    const [program = "", ...rest] = words;
    const child = spawn(program, rest, options);
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  /** Asks every process to end, kills those that do not, and waits for all. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#children].map((child) => end(child)));
  }
}

/** Ends one process: SIGTERM, and SIGKILL if that was not enough. */
export async function end(child: ChildProcess, graceMs = GRACE_MS): Promise<number> {
  const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  child.kill("SIGTERM");
  try {
    return await ended(child);
  } finally {
    clearTimeout(killer);
  }
}
