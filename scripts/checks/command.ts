/** Running one command of the gate or of the test run. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { killMarked } from "./footprint.ts";

export interface CommandOptions {
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Shows the output while it comes, besides collecting it. */
  readonly live?: boolean;
  /** The command is ended, with all that it started, when it takes longer: a hanging test must not hang the run. */
  readonly limitMs?: number;
}

export interface CommandResult {
  /** Undefined where the command ended with status 0, else a sentence. */
  readonly problem: string | undefined;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

const DEFAULT_LIMIT_MS = 5 * 60_000;
/**
 * A variable in the environment of everything that a command starts, however it starts it: so that all of it can be found.
 * Its name is new each time, for commands start commands: a value would hide that of the command around.
 */
function freshMark(): string {
  return `IPMP_COMMAND_${randomUUID().replaceAll("-", "_")}`;
}

function ending(command: string, status: number | null, signal: string | null): string | undefined {
  if (status === 0) return undefined;
  return signal === null ? `${command} ended with status ${status}` : `${command} was ended by ${signal}`;
}

/**
 * Runs `command` without standard input, and resolves when it has ended and its output is closed. At its limit the output
 * may still be held open by somebody who has thrown the mark away: nobody waits for that one. Never rejects.
 */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...words] = command;
  const { environment, live = false, limitMs = DEFAULT_LIMIT_MS } = options;
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const mark = freshMark();
    const child = spawn(program, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment, [mark]: "1" },
    });
    const streams = [child.stdout, child.stderr];
    const finish = (problem: string | undefined) => {
      clearTimeout(limit);
      resolve({ problem, output: Buffer.concat(pieces).toString() });
    };
    // Not spawn's own `timeout`: it ends one process, and those started by that one would keep the output open for ever.
    const limit = setTimeout(() => {
      killMarked(`${mark}=1`);
      for (const stream of streams) stream.destroy();
      finish(`${program} was ended, for it took longer than its limit of ${limitMs / 1000} s`);
    }, limitMs);
    for (const stream of streams) {
      stream.on("data", (piece: Buffer) => {
        pieces.push(piece);
        if (live) process.stdout.write(piece);
      });
    }
    child.once("error", (error) => finish(`${program}: ${error.message}`));
    child.once("close", (status, signal) => finish(ending(program, status, signal)));
  });
}
