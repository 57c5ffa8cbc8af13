/** One stage of the gate or of the test run: what it is called, how it runs, and its line in the summary. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "./command.ts";
import { NOTHING, ONE_FAILURE, size, sum, type Tally, tallyText } from "./tally.ts";

export interface StageOutcome {
  readonly tally: Tally;
  /** Undefined where all is well, else a sentence. */
  readonly problem: string | undefined;
  /** Shown where there is a problem. */
  readonly output: string;
}

export interface Stage {
  readonly name: string;
  /** The output was shown while it came. */
  readonly live?: boolean;
  run(): Promise<StageOutcome>;
}

/** A problem always counts as a failure, also where no test of its own failed: a crash, a compiler's error. */
export function outcome(tally: Tally, problem: string | undefined, output: string): StageOutcome {
  const uncounted = problem !== undefined && tally.failed === 0;
  return { tally: uncounted ? sum([tally, ONE_FAILURE]) : tally, problem, output };
}

export interface StageOptions {
  /** After which the stage is ended and has failed. */
  readonly limitMs?: number;
}

export interface CheckOptions extends StageOptions {
  /** May find a problem where the command ended well. */
  readonly judge?: (output: string) => string | undefined;
  /** What of the output is shown where all is well; "" for nothing. */
  readonly report?: (output: string) => string;
}

/** A check without tests of its own. */
export function checkStage(name: string, command: readonly string[], options: CheckOptions = {}): Stage {
  const { judge = () => undefined, report = () => "", ...limits } = options;
  const run = async () => {
    const { problem, output } = await runCommand(command, limits);
    const found = problem ?? judge(output);
    const shown = found === undefined ? report(output).trimEnd() : "";
    if (shown !== "") console.log(shown);
    return outcome(NOTHING, found, output);
  };
  return { name, run };
}

function testProblem(result: CommandResult, tally: Tally | undefined): string | undefined {
  if (tally === undefined) return result.problem ?? "no counts were found in its output";
  if (tally.failed > 0) return tallyText(tally);
  if (size(tally) === 0) return result.problem ?? "it ran no tests";
  return result.problem;
}

/** A run of tests that are counted from its output. */
export function countedStage(
  name: string,
  command: readonly string[],
  count: (output: string) => Tally | undefined,
  options: StageOptions = {},
): Stage {
  const run = async () => {
    const result = await runCommand(command, options);
    const tally = count(result.output);
    return outcome(tally ?? NOTHING, testProblem(result, tally), result.output);
  };
  return { name, run };
}

/** The stage, or one skip where `lacking` names what this machine lacks for it. */
export function stageUnless(lacking: () => Promise<string | undefined>, stage: Stage): Stage {
  const run = async () => {
    const reason = await lacking();
    if (reason === undefined) return stage.run();
    return outcome({ ...NOTHING, skipped: [{ title: stage.name, reason }] }, undefined, "");
  };
  return { ...stage, run };
}

const MOCHA = ["node_modules/.bin/mocha", "--reporter", "./scripts/checks/reporter.ts", "--forbid-only"];

function readTally(file: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Tally;
  } catch {
    // Mocha ended before its own end: an error while loading, or no files.
    return undefined;
  }
}

export interface MochaOptions extends StageOptions {
  /** Turns the command into one that runs it in a sandbox. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  readonly live?: boolean;
}

/** A run of mocha over the files of `pattern`, in a process of its own. */
export function mochaStage(name: string, pattern: string, options: MochaOptions = {}): Stage {
  const { wrap = (command) => command, live = false, ...limits } = options;
  const run = async () => {
    const folder = mkdtempSync(join(tmpdir(), "ipmp-tally-"));
    const file = join(folder, "tally.json");
    try {
      const environment = { IPMP_TALLY_FILE: file };
      const result = await runCommand(wrap([...MOCHA, pattern]), { environment, live, ...limits });
      const tally = readTally(file);
      return outcome(tally ?? NOTHING, testProblem(result, tally), result.output);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return { name, live, run };
}

function stageLine(name: string, { tally, problem }: StageOutcome, seconds: number): string {
  const counts = size(tally) > 0 && tally.failed === 0 ? tallyText(tally) : "";
  const end = problem === undefined ? counts : problem;
  return `${problem === undefined ? "ok    " : "FAILED"}  ${name.padEnd(26)} ${seconds.toFixed(1).padStart(6)} s  ${end}`;
}

async function runStage(stage: Stage): Promise<Tally> {
  if (stage.live) console.log(`\n${stage.name}`);
  const started = performance.now();
  // A stage that throws is a fault of ours, and still one failure among the others.
  const result = await stage.run().catch((error: Error) => outcome(NOTHING, error.message, error.stack ?? ""));
  if (result.problem !== undefined && !stage.live) console.log(result.output.trimEnd());
  console.log(stageLine(stage.name, result, (performance.now() - started) / 1000).trimEnd());
  return result.tally;
}

/** Runs all stages, one after the other, whatever became of those before; prints a line on each. */
export async function runStages(stages: readonly Stage[]): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const stage of stages) tallies.push(await runStage(stage));
  return sum(tallies);
}

/** Prints every skip with its reason, then the counts as the last line; sets the exit status. */
export function conclude(tally: Tally): void {
  for (const { title, reason } of tally.skipped) console.log(`skipped: ${title}: ${reason}`);
  console.log(tallyText(tally));
  process.exitCode = tally.failed === 0 ? 0 : 1;
}
