/** ipmpd: the daemon (in.mpathd on Solaris). Reads its words and its file, and hands over to `daemon`. */
import { ConfigurationError } from "../config/configuration-error.ts";
import type { ParsedConfiguration } from "../config/index.ts";
import { formatProblem, shownPath } from "../config/problem.ts";
import { defaultRuntimeDirectory } from "../control/runtime-directory.ts";
import type { Configuration } from "../core/configuration.ts";
import { IpmpError } from "../core/errors.ts";
import { isJournal } from "../daemon/journal.ts";
import { Log } from "../daemon/log.ts";
import { releaseAll, wouldRelease } from "../daemon/release.ts";
import { runService } from "../daemon/service.ts";
import { SingleInstance } from "../daemon/single-instance.ts";
import { STANDARD_ERROR, standardError } from "../daemon/standard-error.ts";
import { contentsText } from "./contents.ts";
import { readWords, USAGE, type Words } from "./ipmpd-options.ts";
import { UsageError } from "./option-table.ts";
import { version } from "./version.ts";

const DONE = 0;
const FAILED = 1;
const WRONG_WORDS = 2;

/** The last lines of a daemon that ends wait so long for whoever reads them. */
const LAST_LINES_MS = 1_000;

/** Takes whole lines. */
type Complain = (text: string) => void;

async function main(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, defaultRuntimeDirectory());
  return words.task === "serve" ? await daemon(words) : await tool(words);
}

/** What somebody waits for: it waits for whoever reads. */
async function tool(words: Words): Promise<number> {
  // A full disk or a reader that has gone costs lines, and nothing else.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  try {
    return await carryOut(words);
  } catch (error) {
    return failed(error, complain);
  }
}

function complain(text: string): void {
  process.stderr.write(text);
}

async function carryOut(words: Words): Promise<number> {
  switch (words.task) {
    case "help":
      return print(USAGE);
    case "version":
      return print(`ipmpd ${version()}\n`);
    case "release":
      return await release(words);
    case "check":
      return check(words, await loadNamed(words, complain));
    case "serve":
      throw new TypeError("assertion failed: a daemon is no tool");
  }
}

/** It waits for nobody who reads what it says, also at its end: who does not read must not keep another daemon from starting. */
async function daemon(words: Words): Promise<number> {
  const output = standardError((lines, why) =>
    log.line("warning", `${lines} ${lines === 1 ? "line of the log was" : "lines of the log were"} lost: ${why}`),
  );
  const say = (line: string) => output.write(line);
  const log = openLog(words, say);
  process.on("uncaughtException", (error) => {
    say(crashText(error));
    void output.finish(LAST_LINES_MS).then(() => process.exit(FAILED));
  });
  try {
    return await serve(words, log, say);
  } catch (error) {
    return failed(error, say);
  } finally {
    await output.finish(LAST_LINES_MS);
  }
}

function crashText(error: unknown): string {
  return `ipmpd: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** Reads the files, and names what is wrong with them. */
async function loadNamed(words: Words, say: Complain): Promise<ParsedConfiguration> {
  const parsed = await load(words);
  for (const problem of parsed.problems) say(`${formatProblem(problem)}\n`);
  return parsed;
}

function openLog({ logFormat, logLevel }: Words, write: Complain): Log {
  const journald = isJournal(process.env.JOURNAL_STREAM, STANDARD_ERROR);
  return new Log({ format: logFormat, level: logLevel, journald, write });
}

/** What reads configurations takes longer to load than all else together, and the daemon has other things to do meanwhile. */
const reading = () => import("../config/index.ts");

/** Reads the files, at the start and for every reload. */
async function load({ config, mpathdFile }: Words): Promise<ParsedConfiguration> {
  const { loadConfiguration } = await reading();
  return await loadConfiguration(config, { mpathdFile });
}

async function parse({ mpathdFile }: Words, text: string): Promise<ParsedConfiguration> {
  const { parseConfiguration, readMpathdDefaults } = await reading();
  return parseConfiguration(text, "request", readMpathdDefaults(mpathdFile));
}

function check({ config }: Words, { configuration, warnings, complaints }: ParsedConfiguration): number {
  for (const complaint of complaints) complain(`${complaint}\n`);
  for (const warning of warnings) complain(`${formatProblem(warning)} (warning)\n`);
  return configuration === undefined
    ? WRONG_WORDS
    : print(`${shownPath(config)} is good: ${contentsText(configuration)}\n`);
}

async function serve(words: Words, log: Log, say: Complain): Promise<number> {
  const { config, runtimeDir, stateDir } = words;
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) process.once(name, () => stop.abort());
  const loading = loadLogged(words, log, say);
  const configuration = loading.then(configurationOf);
  configuration.catch(() => undefined);
  const service = runService({
    configuration,
    configurationFile: config,
    load: () => load(words),
    parse: (text) => parse(words, text),
    onReload: hangUps(),
    runtimeDir,
    stateDir,
    version: version(),
    log,
    environment: process.env,
    signal: stop.signal,
  });
  // Whatever else is wrong, a wrong file is told first.
  const [found] = await Promise.allSettled([loading, service]);
  if (found.status === "fulfilled" && found.value.configuration === undefined) return WRONG_WORDS;
  await loading;
  await service;
  return DONE;
}

async function loadLogged(words: Words, log: Log, say: Complain): Promise<ParsedConfiguration> {
  const found = await loadNamed(words, say);
  if (found.configuration === undefined) return found;
  for (const complaint of found.complaints) log.write("error", complaint);
  for (const warning of found.warnings) log.write("warning", formatProblem(warning));
  return found;
}

/** The problems have been told: the error only ends the start. */
function configurationOf({ configuration }: ParsedConfiguration): Configuration {
  if (configuration !== undefined) return configuration;
  throw new ConfigurationError("CONFIGURATION_WRONG", "There is no configuration to start with");
}

/** Hands every SIGHUP on; one that comes before there is anybody to hear it is kept. */
function hangUps(): (reload: () => void) => void {
  let early = false;
  let hear = () => {
    early = true;
  };
  process.on("SIGHUP", () => hear());
  return (reload) => {
    hear = reload;
    if (early) reload();
  };
}

/** Says what it takes, or would take. A dry run takes no lock either: a daemon that starts at this moment is not kept from it. */
async function release(words: Words): Promise<number> {
  const { stateDir, dryRun } = words;
  const say = (lines: readonly string[]) => print(`${lines.join("\n")}\n`);
  if (dryRun) return say(wouldRelease(stateDir));
  const log = openLog(words, complain);
  const lock = SingleInstance.acquire();
  try {
    await releaseAll(stateDir, say, (text) => log.write("error", text));
  } finally {
    lock.release();
  }
  return DONE;
}

/** Says what a user can do something about; anything else is a bug, and ends us as one. */
function failed(error: unknown, say: Complain): number {
  if (error instanceof UsageError) {
    say(`ipmpd: ${error.message}\nTry \`ipmpd --help\`.\n`);
    return WRONG_WORDS;
  }
  if (!(error instanceof IpmpError)) throw error;
  for (const line of error.message.split("\n")) say(`ipmpd: ${line}\n`);
  return error instanceof ConfigurationError ? WRONG_WORDS : FAILED;
}

function print(text: string): number {
  process.stdout.write(text);
  return DONE;
}

// `pidof`, `pgrep -x` and `pkill` find it by its name.
process.title = "ipmpd";

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = failed(error, complain);
}
