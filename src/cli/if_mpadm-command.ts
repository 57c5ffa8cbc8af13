/** if_mpadm as a function: words in, lines and an exit status out. Texts and exit status are those of Solaris. */
import { shown } from "../config/problem.ts";
import { ControlError } from "../control/client.ts";
import type { InterfaceSnapshot, Snapshot } from "../core/snapshot.ts";
import { getopt } from "./getopt.ts";
import { NOT_RUNNING } from "./not-running.ts";

const USAGE = "Usage: if_mpadm -d | -r <ifname>\n";

const HELP = `${USAGE}
Takes an interface of an IPMP group out of service, e.g. before its card or its cable is changed, and brings it back.

  -d IF      offline: everything moves to other members first; when this is done the cable may be pulled
  -r IF      online again: repairs and standby are judged as for any other member
  -h, --help print this and exit
  --version  print the version and exit

One -d or -r, for one interface. Refused, and nothing changed, where the group has no other functioning
interface. An interface stays offline over restarts of ipmpd, not over a reboot. Needs root or the group ipmp.

IPMP_RUNTIME_DIR names the directory of the daemon's sockets (default /run/ipmp).
Exit status: 0 done, 1 not done. Prints nothing when done.
`;

/** What the command needs of the world. Its methods that ask the daemon throw ControlError. */
export interface Surroundings {
  snapshot(): Promise<Snapshot>;
  /** So many others must stay usable: 1, as on Solaris. */
  offline(name: string): Promise<void>;
  online(name: string): Promise<void>;
  /** Does the kernel have such an interface here? */
  exists(name: string): boolean;
  version(): string;
  /** To standard output, as is. */
  write(text: string): void;
  /** To standard error, as is. */
  complain(text: string): void;
}

type Operation = "offline" | "undo-offline";

type CommandLine =
  | { readonly kind: "do"; readonly operation: Operation; readonly name: string }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** `text` is what getopt says, or "". */
  | { readonly kind: "misuse"; readonly text: string };

/** Why the operation is not done: the text after the prefix. */
class Fatal extends Error {}

const NOT_TRACKED = "not a physical interface or not in an IPMP group";

const alreadyOffline = (name: string) => `interface ${shown(name)} is already offline`;
const notOffline = (name: string) => `interface ${shown(name)} is not offline`;
const noSuchInterface = (name: string) => new Fatal(`cannot get interface flags on ${shown(name)}: no such interface`);

/** Carries out one command line; answers with the exit status. */
export async function ifMpadm(words: readonly string[], world: Surroundings): Promise<number> {
  const line = parseCommandLine(words);
  switch (line.kind) {
    case "help":
      world.write(HELP);
      return 0;
    case "version":
      world.write(`if_mpadm ${world.version()}\n`);
      return 0;
    case "misuse":
      world.complain(line.text === "" ? USAGE : `if_mpadm: ${line.text}\n${USAGE}`);
      return 1;
    case "do":
      return await carryOut(line.operation, line.name, world);
  }
}

function parseCommandLine(words: readonly string[]): CommandLine {
  const { tokens, operands } = getopt(words, { flags: "h", valued: "dr", long: ["help", "version"] });
  const fault = tokens.find((token) => token.kind === "fault");
  if (fault !== undefined) return { kind: "misuse", text: fault.text };
  const options = tokens.filter((token) => token.kind === "option");
  if (options.some(({ name }) => name === "help" || name === "h")) return { kind: "help" };
  const [first, ...others] = options;
  // Solaris drops further words, and obeys the last of several options; whoever names two interfaces means both, and must hear that only
  // one can be had.
  if (first === undefined || others.length > 0 || operands.length > 0) return { kind: "misuse", text: "" };
  if (first.name === "version") return { kind: "version" };
  // getopt takes whatever follows for the name: of `-d -r` that is the other option.
  if (first.value.startsWith("-")) return { kind: "misuse", text: "" };
  return { kind: "do", operation: first.name === "d" ? "offline" : "undo-offline", name: first.value };
}

/** First what the flags of the interface tell, then the daemon's own judgement. */
async function carryOut(operation: Operation, name: string, world: Surroundings): Promise<number> {
  try {
    const face = await look(operation, name, world);
    if (operation === "offline") await takeOffline(face, name, world);
    else await bringBack(face, name, world);
    return 0;
  } catch (error) {
    if (!(error instanceof Fatal)) throw error;
    world.complain(`if_mpadm: fatal: ${error.message}\n`);
    return 1;
  }
}

/** The daemon's picture of the interface; undefined where it tracks no such one. */
async function look(operation: Operation, name: string, world: Surroundings): Promise<InterfaceSnapshot | undefined> {
  let snapshot: Snapshot;
  try {
    snapshot = await world.snapshot();
  } catch (error) {
    if (!world.exists(name)) throw noSuchInterface(name);
    throw refusal(operation, name, error);
  }
  const face = snapshot.interfaces.find((candidate) => candidate.name === name);
  // One that is configured and not there can be taken offline all the same: it is not used when it appears.
  if (face === undefined && !world.exists(name)) throw noSuchInterface(name);
  return face;
}

async function takeOffline(face: InterfaceSnapshot | undefined, name: string, world: Surroundings): Promise<void> {
  if (face === undefined) throw new Fatal(`cannot offline ${shown(name)}: ${NOT_TRACKED}`);
  if (face.state === "offline") throw new Fatal(alreadyOffline(name));
  try {
    await world.offline(name);
  } catch (error) {
    throw refusal("offline", name, error);
  }
}

async function bringBack(face: InterfaceSnapshot | undefined, name: string, world: Surroundings): Promise<void> {
  if (face?.state !== "offline") throw new Fatal(notOffline(name));
  try {
    await world.online(name);
  } catch (error) {
    throw refusal("undo-offline", name, error);
  }
}

/** The daemon's codes in the words of Solaris. Somebody else may have been faster than our look. */
function refusal(operation: Operation, name: string, error: unknown): unknown {
  if (!(error instanceof ControlError)) return error;
  const cannot = (reason: string) => new Fatal(`cannot ${operation} ${shown(name)}: ${reason}`);
  // The name of Solaris, for scripts that look for it; then ours.
  if (error.code === "NO_DAEMON") return cannot(`cannot contact in.mpathd\n${NOT_RUNNING}`);
  switch (error.refusal?.code) {
    case "UNKNOWN_INTERFACE":
      return cannot(NOT_TRACKED);
    case "MINIMUM_REDUNDANCY":
      return cannot("no other functioning interfaces are in its IPMP group");
    case "DUPLICATE_HARDWARE_ADDRESS":
      return cannot("interface has duplicate hardware address");
    case "ALREADY_OFFLINE":
      return new Fatal(alreadyOffline(name));
    case "NOT_OFFLINE":
      return new Fatal(notOffline(name));
    default:
      return cannot(error.message);
  }
}
