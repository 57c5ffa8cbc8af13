/** Running one command of the gate or of the test run. */
import { spawn } from "node:child_process";

export interface CommandOptions {
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Shows the output while it comes, besides collecting it. */
  readonly live?: boolean;
  /** The command is ended when it takes longer: a hanging test must not hang the run. */
  readonly limitMs?: number;
}

export interface CommandResult {
  /** Undefined where the command ended with status 0, else a sentence. */
  readonly problem: string | undefined;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

const DEFAULT_LIMIT_MS = 15 * 60_000;

function ending(command: string, status: number | null, signal: string | null): string | undefined {
  if (status === 0) return undefined;
  return signal === null ? `${command} ended with status ${status}` : `${command} was ended by ${signal}`;
}

/** Runs `command` without standard input, and resolves when it has ended and its output is closed. Never rejects. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...words] = command;
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const output = () => Buffer.concat(pieces).toString();
    const child = spawn(program, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.environment },
    });
    // Not spawn's own `timeout`: its timer outlives a program that could not be started, and holds the process open.
    const limit = setTimeout(() => child.kill("SIGKILL"), options.limitMs ?? DEFAULT_LIMIT_MS);
    const finish = (problem: string | undefined) => {
      clearTimeout(limit);
      resolve({ problem, output: output() });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (piece: Buffer) => {
        pieces.push(piece);
        if (options.live) process.stdout.write(piece);
      });
    }
    child.once("error", (error) => finish(`${program}: ${error.message}`));
    child.once("close", (status, signal) => finish(ending(program, status, signal)));
  });
}
