/** The words of ipmpd: what it is to do, and with which files. */
import { LEVELS, type Level } from "../core/messages.ts";
import { DEFAULT_CONFIGURATION_FILE, DEFAULT_MPATHD_FILE } from "./files.ts";
import { chooseOptions, type OptionTable, UsageError } from "./option-table.ts";

export const USAGE = `usage: ipmpd [options]
       ipmpd --check [--config FILE] [--mpathd-file FILE]
       ipmpd --release [--dry-run] [--state-dir DIR]

Keeps the data addresses of IPMP groups reachable while network interfaces fail. Runs in the
foreground and logs to standard error; one per network namespace; needs root.

  --config FILE        configuration (default ${DEFAULT_CONFIGURATION_FILE})
  --mpathd-file FILE   global defaults in the form of Solaris; it may be missing
                       (default ${DEFAULT_MPATHD_FILE})
  --check              validate the configuration, say what is in it, and exit: 0 good, 2 wrong
  --release            take away everything of ours from this network namespace, put the
                       sysctls back, say what was taken, and exit; refused while a daemon runs
  --dry-run            with --release: only say what would be taken
  --runtime-dir DIR    control sockets (default $IPMP_RUNTIME_DIR or /run/ipmp)
  --state-dir DIR      what survives a restart (default /var/lib/ipmp)
  --log-format FORMAT  text (default) or json
  --log-level LEVEL    error, warning, info (default) or debug
  --version            print the version and exit
  -h, --help           print this and exit

--check, --release and --version exclude each other, and no option is given twice.
Signals: SIGTERM and SIGINT stop the daemon; addresses and routes stay and go on serving.
A restart takes over what it finds, without an interruption. SIGHUP reads the files again
(as \`ipmpadm reload\`): the difference is applied, and what was learnt is kept.
Exit status: 0 done, 1 refused or failed, 2 the words or the file are wrong.
`;

export type Task = "serve" | "check" | "release" | "version";

const NO_FILE = "it takes everything of ours away, whatever a file says";

/** Every combination that this does not allow is refused. Directories and the log's form may go along with any task of one service. */
const OPTIONS: OptionTable<Task | "help"> = {
  check: { type: "boolean", task: "check" },
  release: { type: "boolean", task: "release" },
  version: { type: "boolean", task: "version" },
  help: { type: "boolean", short: "h", task: "help" },
  "dry-run": { type: "boolean", with: ["release"] },
  config: { type: "string", with: ["serve", "check"], why: NO_FILE },
  "mpathd-file": { type: "string", with: ["serve", "check"], why: NO_FILE },
  "runtime-dir": { type: "string", with: ["serve", "check", "release"] },
  "state-dir": { type: "string", with: ["serve", "check", "release"] },
  "log-format": { type: "string", with: ["serve", "check", "release"] },
  "log-level": { type: "string", with: ["serve", "check", "release"] },
};

export interface Words {
  readonly task: Task | "help";
  readonly dryRun: boolean;
  readonly config: string;
  readonly mpathdFile: string;
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly logFormat: "text" | "json";
  readonly logLevel: Level;
}

/**
 * `usualRuntimeDir`: where the control sockets are if no option says so.
 * @throws {UsageError}
 */
export function readWords(argv: readonly string[], usualRuntimeDir: string): Words {
  const { task, values } = chooseOptions(argv, OPTIONS, "serve");
  const path = (name: string, usual: string) => givenPath(name, values.get(name) ?? usual);
  return {
    task,
    dryRun: values.has("dry-run"),
    config: path("config", DEFAULT_CONFIGURATION_FILE),
    mpathdFile: path("mpathd-file", DEFAULT_MPATHD_FILE),
    runtimeDir: path("runtime-dir", usualRuntimeDir),
    stateDir: path("state-dir", "/var/lib/ipmp"),
    logFormat: oneOf("log-format", values.get("log-format") ?? "text", ["text", "json"]),
    logLevel: oneOf("log-level", values.get("log-level") ?? "info", LEVELS),
  };
}

/** Mostly a variable of a script that has no value: nobody means "the working directory" by it. */
function givenPath(name: string, value: string): string {
  if (value === "") throw new UsageError(`--${name} needs a path, and got none`);
  return value;
}

function oneOf<Word extends string>(name: string, value: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new UsageError(`--${name} is ${words.join(", ")}, not "${value}"`);
  return word;
}
