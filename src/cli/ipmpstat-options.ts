/** The command line of ipmpstat: what is asked for, or why it can not be done. Pure. */
import { type Column, defaultColumns, selectColumns } from "./columns.ts";
import { getopt, type OptionToken } from "./getopt.ts";
import { COLUMNS, type Mode } from "./ipmpstat-rows.ts";

export const USAGE = `Usage: ipmpstat [-n] [-o field[,...] [-P]] [--json] -a|-g|-i|-p|-t
       ipmpstat -h | --help | --version

  -a  data addresses: who receives and who sends for each
  -g  groups: state and members; (standing by) and [unusable] ones are marked
  -i  interfaces of the groups: flags, link, state
  -p  probes, as they are answered or lost, until interrupted
  -t  probe targets

  -n  addresses as numbers, not as host names
  -o  only these fields, in this order; "all" means every field
  -P  for scripts: no header, fields parted by ":"; needs -o
  --json  for programs: the rows as a list of objects, in the order of the file; of -p one object per line
`;

/** Printed by --help after the usage. */
export const HELP = `
Flags of -i: i inactive, s standby, m b M chosen for IPv4 multicast, IPv4 broadcast, IPv6 multicast,
d down, h offline because of a duplicate hardware address.

IPMP_RUNTIME_DIR names the directory of the daemon's sockets (default /run/ipmp).
Exit status: 0 done, 1 not done.
`;

export type Form = "human" | "parsable" | "json";

export interface Order {
  readonly kind: "show";
  readonly mode: Mode;
  readonly form: Form;
  readonly numeric: boolean;
  readonly columns: readonly Column[];
  /** To be told before anything is shown. */
  readonly warnings: readonly string[];
}

export type CommandLine =
  | Order
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** `text` may be empty: then the usage text says it all. */
  | { readonly kind: "misuse"; readonly text: string; readonly usage: boolean };

interface Wishes {
  mode: Mode | undefined;
  fields: string | undefined;
  numeric: boolean;
  parsable: boolean;
  json: boolean;
}

const misuse = (text: string, usage = false): CommandLine => ({ kind: "misuse", text, usage });

/** Reads the words after the command's name. Options are judged first, then fields. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const { tokens, operands } = getopt(words, {
    flags: "agiptnPLh",
    valued: "o",
    long: ["help", "version", "json"],
  });
  if (tokens.some(isCallForHelp)) return { kind: "help" };
  const wishes: Wishes = { mode: undefined, fields: undefined, numeric: false, parsable: false, json: false };
  const [first, second] = tokens;
  if (second === undefined && first?.kind === "option" && first.name === "version") return { kind: "version" };
  for (const token of tokens) {
    const end = takeToken(token, wishes);
    if (end !== undefined) return end;
  }
  if (wishes.mode === undefined || operands.length > 0) return misuse("", true);
  if (wishes.json && wishes.parsable) return misuse("only one output format may be specified");
  return chooseFields(wishes, wishes.mode);
}

/** Whoever asks for help gets it, in whatever company. */
function isCallForHelp(token: OptionToken): boolean {
  return token.kind === "option" && (token.name === "help" || token.name === "h");
}

/** Notes what the token wishes for; answers only where the reading ends here. */
function takeToken(token: OptionToken, wishes: Wishes): CommandLine | undefined {
  if (token.kind === "fault") return misuse(token.text, true);
  switch (token.name) {
    case "json":
      wishes.json = true;
      return undefined;
    case "n":
      wishes.numeric = true;
      return undefined;
    case "P":
      wishes.parsable = true;
      return undefined;
    case "o":
      if (wishes.fields !== undefined) return misuse("only one list of output fields may be specified");
      wishes.fields = token.value;
      return undefined;
    case "version":
      // It stands alone: beside anything else one of the two would be passed over.
      return misuse("", true);
    case "L":
      // Solaris: ask the daemon object by object. Here every run asks it anew, and at once.
      return undefined;
    default:
      if (wishes.mode !== undefined) return misuse("only one output format may be specified");
      wishes.mode = token.name as Mode;
      return undefined;
  }
}

function chooseFields(wishes: Wishes, mode: Mode): CommandLine {
  const all = COLUMNS[mode];
  const { fields, parsable, numeric } = wishes;
  const form: Form = wishes.json ? "json" : parsable ? "parsable" : "human";
  const order = (columns: readonly Column[], warnings: readonly string[] = []): Order => {
    return { kind: "show", mode, form, numeric, columns, warnings };
  };
  if (fields === undefined) {
    if (parsable) return misuse("output fields must be specified in parsable mode");
    return order(form === "json" ? all : defaultColumns(all));
  }
  if (fields.toLowerCase() === "all") {
    return parsable ? misuse("output field `all' invalid in parsable mode") : order(all);
  }
  const { columns, unknown } = selectColumns(all, fields);
  if (columns.length === 0) return misuse("no valid output fields");
  if (columns.length > all.length) {
    return misuse(`too many output fields: ${columns.length} asked for, -${mode} has ${all.length}`);
  }
  if (unknown.length === 0) return order(columns);
  const complaint = `unknown output field${unknown.length > 1 ? "s" : ""}: ${unknown.map((name) => `\`${name}'`).join(" ")}`;
  return parsable ? misuse(complaint) : order(columns, [`warning: ignoring ${complaint}`]);
}
