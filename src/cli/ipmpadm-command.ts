/** ipmpadm as a function: words in, lines and an exit status out. */
import { ConfigurationError } from "../config/configuration-error.ts";
import { nearest } from "../config/nearest.ts";
import { IpmpError } from "../core/errors.ts";
import { CHECK } from "./ipmpadm-check.ts";
import { RELOAD } from "./ipmpadm-reload.ts";
import { DONE, FAILED, type Subcommand, type Surroundings, WRONG, writeJson } from "./ipmpadm-subcommand.ts";
import { NOT_RUNNING } from "./not-running.ts";
import { type Choice, chooseOptions, type OptionTable, UsageError } from "./option-table.ts";

const SUBCOMMANDS = new Map<string, Subcommand>([
  ["check", CHECK],
  ["reload", RELOAD],
]);

type Task = "subcommand" | "version" | "help";

/** Beside which subcommands an option stands, these say themselves. */
const OPTIONS: OptionTable<Task> = {
  json: { type: "boolean", with: ["subcommand"] },
  "mpathd-file": { type: "string", with: ["subcommand"] },
  version: { type: "boolean", task: "version" },
  help: { type: "boolean", short: "h", task: "help" },
};

/** Carries out one command line; answers with the exit status. */
export async function ipmpadm(words: readonly string[], world: Surroundings): Promise<number> {
  try {
    return await carryOut(chooseOptions<Task>(words, OPTIONS, "subcommand", { operands: true }), world);
  } catch (error) {
    if (error instanceof UsageError) {
      world.complain(`ipmpadm: ${error.message}\nTry \`ipmpadm --help\`.\n`);
      return WRONG;
    }
    if (!(error instanceof IpmpError)) throw error;
    return fail(error, words.includes("--json"), world);
  }
}

async function carryOut({ task, values, operands: words }: Choice<Task>, world: Surroundings): Promise<number> {
  if (task === "help") return print(helpText(), world);
  if (task === "version" && words[0] === undefined) return print(`ipmpadm ${world.version()}\n`, world);
  if (task === "version") throw new UsageError(`--version and ${words[0]} exclude each other: give one of them`);
  const [name, ...operands] = words;
  const subcommand = find(name);
  const other = operands.find((word) => SUBCOMMANDS.has(word));
  if (other !== undefined) {
    throw new UsageError(`"${other}" is a subcommand, and one at a time is taken; a file of that name is ./${other}`);
  }
  if (operands.length > subcommand.mostOperands) {
    throw new UsageError(`too many words: ${subcommand.usage} does not take "${operands.at(-1)}"`);
  }
  const mpathdFile = values.get("mpathd-file");
  if (mpathdFile !== undefined && !subcommand.options.includes("mpathd-file")) {
    throw new UsageError(`${name} does not take --mpathd-file`);
  }
  return await subcommand.run({ operands, json: values.has("json"), mpathdFile }, world);
}

function find(name: string | undefined): Subcommand {
  const names = [...SUBCOMMANDS.keys()];
  if (name === undefined) throw new UsageError(`needs a subcommand: ${names.join(" or ")}`);
  const subcommand = SUBCOMMANDS.get(name);
  if (subcommand !== undefined) return subcommand;
  const meant = nearest(name, names);
  const hint = meant === undefined ? `known are ${names.join(", ")}` : `did you mean "${meant}"?`;
  throw new UsageError(`unknown subcommand "${name}"; ${hint}`);
}

/** In the form of the daemon's own errors, where programs read. */
function fail(error: IpmpError, json: boolean, world: Surroundings): number {
  if (json) writeJson({ code: error.code, message: error.message, detail: "" }, world);
  else
    world.complain(`ipmpadm: ${error.code === "NO_DAEMON" ? `cannot contact ipmpd\n${NOT_RUNNING}` : error.message}\n`);
  return error instanceof ConfigurationError ? WRONG : FAILED;
}

function print(text: string, world: Surroundings): number {
  world.write(text);
  return DONE;
}

function helpText(): string {
  const entries = [...SUBCOMMANDS.values()].map(
    ({ usage, help }) => `  ${usage}\n${help.replace(/^/gm, " ".repeat(6))}\n`,
  );
  return `usage: ipmpadm [--json] SUBCOMMAND

Works with a running ipmpd, and with its configuration file.

${entries.join("\n")}
  --json     for programs: one JSON object on standard output; an error is { code, message, detail }
  --version  print the version and exit
  -h, --help print this and exit

No option is given twice, and --version goes with nothing else.
IPMP_RUNTIME_DIR names the directory of the daemon's sockets (default /run/ipmp). Changes need root
or the group ipmp.
Exit status: 0 done, 1 refused or failed, 2 the words or the file are wrong.
`;
}
