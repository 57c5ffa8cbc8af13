/** What every subcommand of ipmpadm is given, and what it gives back. */
import type { ParsedConfiguration } from "../config/index.ts";

export const DONE = 0;
export const FAILED = 1;
/** The words or the file are wrong. */
export const WRONG = 2;

/** What the command needs of the world. */
export interface Surroundings {
  /** Resolves with the warnings. Throws ControlError. */
  reload(): Promise<readonly string[]>;
  /** Throws ConfigurationError where the file can not be read at all. */
  load(file: string, mpathdFile: string): Promise<ParsedConfiguration>;
  version(): string;
  /** To standard output, as is. */
  write(text: string): void;
  /** To standard error, as is. */
  complain(text: string): void;
}

export interface Order {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly mpathdFile: string | undefined;
}

export interface Subcommand {
  /** Of the help: words, and what it does. */
  readonly usage: string;
  readonly help: string;
  readonly mostOperands: number;
  /** Options beside those that all subcommands have. */
  readonly options: readonly "mpathd-file"[];
  /** Answers with the exit status. May throw IpmpError. */
  run(order: Order, world: Surroundings): Promise<number>;
}

/** For programs. */
export function writeJson(value: unknown, world: Surroundings): void {
  world.write(`${JSON.stringify(value, null, 2)}\n`);
}
