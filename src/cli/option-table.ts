/**
 * Options of a tool that does one of several tasks, from one table: which options there are, which of them choose the task, and with which tasks
 * the others have a meaning. Whatever the table does not allow together is refused: of two words that exclude each other one would win,
 * and it might be the one that takes away.
 */
import { parseArgs } from "node:util";
import { shown } from "../config/problem.ts";

/** A sentence of ours with a word of theirs in it. */
const LONGEST_TEXT = 400;

export interface OptionRule<Task extends string> {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** It chooses this task; at most one such option can be given. */
  readonly task?: Task;
  /** Beside these tasks it may stand; without this beside all. */
  readonly with?: readonly Task[];
  /** Why it does not go with other tasks: completes "--config does not go with --release: ". */
  readonly why?: string;
}

export type OptionTable<Task extends string> = Readonly<Record<string, OptionRule<Task>>>;

export interface Choice<Task extends string> {
  readonly task: Task;
  /** Of the options that were given; those that take no value have "". */
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** The words of the command line are wrong. They are shown as what they are: on one line, without control characters. */
export class UsageError extends Error {
  constructor(text = "") {
    super(shown(text, LONGEST_TEXT));
  }
}

/**
 * Reads the words. `usual` is the task where no option chooses one. `--help` is a task like others, but asked for in whatever company: who
 * asks for help gets it, and nothing else is done.
 * @throws {UsageError}
 */
export function chooseOptions<Task extends string>(
  words: readonly string[],
  table: OptionTable<Task | "help">,
  usual: Task,
  { operands = false }: { readonly operands?: boolean } = {},
): Choice<Task | "help"> {
  const { values, operands: rest } = readWords(words, table, operands);
  const given = [...values.keys()];
  const chosen = given.filter((name) => table[name]?.task !== undefined);
  const task = chosen.some((name) => table[name]?.task === "help") ? "help" : (table[chosen[0] ?? ""]?.task ?? usual);
  if (task !== "help") refuseMixture(given, chosen, task, table);
  return { task, values, operands: rest };
}

function refuseMixture<Task extends string>(
  given: readonly string[],
  [first = "", second]: readonly string[],
  task: Task,
  table: OptionTable<Task>,
): void {
  if (second !== undefined) throw new UsageError(`--${first} and --${second} exclude each other: give one of them`);
  for (const name of given) {
    const { with: allowed, why } = table[name] ?? {};
    if (allowed === undefined || allowed.includes(task)) continue;
    const company =
      first === ""
        ? `stands only beside ${allowed.map((one) => `--${one}`).join(" or ")}`
        : `does not go with --${first}`;
    throw new UsageError(`--${name} ${company}${why === undefined ? "" : `: ${why}`}`);
  }
}

function readWords<Task extends string>(words: readonly string[], table: OptionTable<Task>, allowPositionals: boolean) {
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokensOf(words, table, allowPositionals)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    if (values.has(token.name)) throw new UsageError(`${token.rawName} is given twice: give it once`);
    values.set(token.name, token.value ?? "");
  }
  return { values, operands };
}

function tokensOf<Task extends string>(words: readonly string[], table: OptionTable<Task>, allowPositionals: boolean) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type, short }]) => [name, { type, ...(short === undefined ? {} : { short }) }]),
  );
  try {
    return parseArgs({ args: [...words], options, allowPositionals, tokens: true }).tokens;
  } catch (error) {
    // Node's later sentences are about words that begin with a dash.
    throw new UsageError((error as Error).message.split(". ", 1)[0]);
  }
}
