#!/usr/bin/env node
/** ipmpd: the daemon (in.mpathd on Solaris). Reads its words and its file, and hands over to `daemon`. */
import { parseArgs } from "node:util";
import {
  ConfigurationError,
  formatProblem,
  loadConfiguration,
  type ParsedConfiguration,
  parseConfiguration,
  readMpathdDefaults,
} from "../config/index.ts";
import { defaultRuntimeDirectory } from "../control/runtime-directory.ts";
import { SingleInstance } from "../control/single-instance.ts";
import type { Configuration } from "../core/configuration.ts";
import { IpmpError } from "../core/errors.ts";
import type { Level } from "../core/messages.ts";
import { Ipmp } from "../daemon/ipmp.ts";
import { LEVELS, Log, type LogFormat } from "../daemon/log.ts";
import { runService } from "../daemon/service.ts";
import { contentsText } from "./contents.ts";
import { DEFAULT_CONFIGURATION_FILE, DEFAULT_MPATHD_FILE } from "./files.ts";
import { version } from "./version.ts";

const DONE = 0;
const FAILED = 1;
const WRONG_WORDS = 2;

const USAGE = `usage: ipmpd [options]

Keeps the data addresses of IPMP groups reachable while network interfaces fail. Runs in the
foreground and logs to standard error; one per network namespace; needs root.

  --config FILE        configuration (default ${DEFAULT_CONFIGURATION_FILE})
  --mpathd-file FILE   global defaults in the form of Solaris; it may be missing
                       (default ${DEFAULT_MPATHD_FILE})
  --check              validate the configuration, say what is in it, and exit: 0 good, 2 wrong
  --release            take away everything of ours from this network namespace, put the
                       sysctls back, and exit; the daemon must not be running
  --runtime-dir DIR    control sockets (default $IPMP_RUNTIME_DIR or /run/ipmp)
  --state-dir DIR      what survives a restart (default /var/lib/ipmp)
  --log-format FORMAT  text (default) or json
  --log-level LEVEL    error, warning, info (default) or debug
  --version            print the version and exit
  --help               print this and exit

Signals: SIGTERM and SIGINT stop the daemon; addresses and routes stay and go on serving.
A restart takes over what it finds, without an interruption. SIGHUP reads the files again
(as \`ipmpadm reload\`): the difference is applied, and what was learnt is kept.
Exit status: 0 done, 1 refused or failed, 2 the words or the file are wrong.
`;

interface Words {
  readonly config: string;
  readonly mpathdFile: string;
  readonly check: boolean;
  readonly release: boolean;
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly log: Log;
}

/** The words of the command line are wrong. */
class UsageError extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  const values = readWords(argv);
  if (values.help) return print(USAGE);
  if (values.version) return print(`ipmpd ${version()}\n`);
  const words = understand(values);
  if (words.release) return await release(words);
  const parsed = await load(words);
  for (const problem of parsed.problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (words.check) return check(words, parsed);
  return parsed.configuration === undefined ? WRONG_WORDS : await serve(words, parsed.configuration, parsed);
}

function readWords(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: "string", default: DEFAULT_CONFIGURATION_FILE },
        "mpathd-file": { type: "string", default: DEFAULT_MPATHD_FILE },
        check: { type: "boolean", default: false },
        release: { type: "boolean", default: false },
        "runtime-dir": { type: "string", default: defaultRuntimeDirectory() },
        "state-dir": { type: "string", default: "/var/lib/ipmp" },
        "log-format": { type: "string", default: "text" },
        "log-level": { type: "string", default: "info" },
        version: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function understand(values: ReturnType<typeof readWords>): Words {
  return {
    config: path("--config", values.config),
    mpathdFile: path("--mpathd-file", values["mpathd-file"]),
    check: values.check,
    release: values.release,
    runtimeDir: path("--runtime-dir", values["runtime-dir"]),
    stateDir: path("--state-dir", values["state-dir"]),
    log: new Log({
      format: oneOf<LogFormat>("--log-format", values["log-format"], ["text", "json"]),
      level: oneOf<Level>("--log-level", values["log-level"], LEVELS),
      journald: process.env.JOURNAL_STREAM !== undefined,
      write: (line) => process.stderr.write(line),
    }),
  };
}

/** Mostly a variable of a script that has no value: nobody means "the working directory" by it. */
function path(option: string, value: string): string {
  if (value === "") throw new UsageError(`${option} needs a path, and got none`);
  return value;
}

function oneOf<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new UsageError(`${option} is ${words.join(", ")}, not "${value}"`);
  return word;
}

/** Reads the files, at the start and for every reload. */
function load({ config, mpathdFile }: Words): Promise<ParsedConfiguration> {
  return loadConfiguration(config, { mpathdFile });
}

function check({ config }: Words, { configuration, warnings, complaints }: ParsedConfiguration): number {
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  for (const warning of warnings) process.stderr.write(`${formatProblem(warning)} (warning)\n`);
  return configuration === undefined ? WRONG_WORDS : print(`${config} is good: ${contentsText(configuration)}\n`);
}

async function serve(words: Words, configuration: Configuration, found: ParsedConfiguration): Promise<number> {
  const { log, config, mpathdFile, runtimeDir, stateDir } = words;
  for (const complaint of found.complaints) log.write("error", complaint);
  for (const warning of found.warnings) log.write("warning", formatProblem(warning));
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) process.once(name, () => stop.abort());
  await runService({
    configuration,
    configurationFile: config,
    load: () => load(words),
    parse: (text) => parseConfiguration(text, "request", readMpathdDefaults(mpathdFile)),
    onReload: hangUps(),
    runtimeDir,
    stateDir,
    version: version(),
    log,
    environment: process.env,
    signal: stop.signal,
  });
  return DONE;
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

/** The machine with nothing configured wants nothing of ours in the kernel, and sees to it. */
async function release({ stateDir, log }: Words): Promise<number> {
  const lock = await SingleInstance.acquire();
  try {
    const ipmp = await Ipmp.start(
      { trackUngrouped: false, groups: [] },
      { stateDir, failed: (text) => log.write("error", text) },
    );
    await ipmp.stop({ release: true });
  } finally {
    await lock.release();
  }
  return DONE;
}

function print(text: string): number {
  process.stdout.write(text);
  return DONE;
}

// A full disk or a reader that has gone costs log lines, never the daemon.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`ipmpd: ${error.message}\nTry \`ipmpd --help\`.\n`);
    process.exitCode = WRONG_WORDS;
  } else if (error instanceof IpmpError) {
    for (const line of error.message.split("\n")) process.stderr.write(`ipmpd: ${line}\n`);
    process.exitCode = error instanceof ConfigurationError ? WRONG_WORDS : FAILED;
  } else throw error;
}
