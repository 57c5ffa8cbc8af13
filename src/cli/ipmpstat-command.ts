/** ipmpstat as a function: words in, lines and an exit status out. */
import type { ControlError } from "../control/client.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { jsonObjects } from "./ipmpstat-json.ts";
import { type HostNames, namesFor } from "./ipmpstat-names.ts";
import { type CommandLine, HELP, type Order, parseCommandLine, USAGE } from "./ipmpstat-options.ts";
import { linesIn, type ProbeSurroundings, showProbes } from "./ipmpstat-probes.ts";
import { type NameOf, rows, rowsForPeople } from "./ipmpstat-rows.ts";
import { NOT_RUNNING } from "./not-running.ts";

/** What the command needs of the world. */
export interface Surroundings extends ProbeSurroundings {
  /** Throws ControlError. */
  snapshot(): Promise<Snapshot>;
  readonly hostNames: HostNames;
  /** Height of the terminal, or undefined. */
  screenRows(): number | undefined;
  version(): string;
  /** To standard output, as is. */
  write(text: string): void;
  /** To standard error, as is. */
  complain(text: string): void;
}

/** Carries out one command line; answers with the exit status. */
export async function ipmpstat(words: readonly string[], world: Surroundings): Promise<number> {
  const line = parseCommandLine(words);
  switch (line.kind) {
    case "help":
      world.write(USAGE + HELP);
      return 0;
    case "version":
      world.write(`ipmpstat ${world.version()}\n`);
      return 0;
    case "misuse":
      return refuse(line, world);
    case "show":
      return await show(line, world);
  }
}

function refuse(line: Extract<CommandLine, { kind: "misuse" }>, world: Surroundings): number {
  if (line.text !== "") complain(line.text, world);
  if (line.usage) world.complain(USAGE);
  return 1;
}

async function show(order: Order, world: Surroundings): Promise<number> {
  for (const warning of order.warnings) complain(warning, world);
  let snapshot: Snapshot;
  try {
    snapshot = await world.snapshot();
  } catch (error) {
    complain(reason(error as ControlError), world);
    return 1;
  }
  if (order.mode === "p") return await showLive(order, snapshot, world);
  if (order.mode === "g" && order.form === "human") for (const text of remarks(snapshot)) complain(text, world);
  print(snapshot, await namesFor(order, snapshot, world.hostNames), order, world);
  return 0;
}

/** Ends with the user's patience, or with the daemon. */
async function showLive(order: Order, snapshot: Snapshot, world: Surroundings): Promise<number> {
  if (snapshot.targets.every(({ mode }) => mode === "disabled")) {
    complain("probe-based failure detection is disabled", world);
    return 1;
  }
  try {
    await showProbes(order, await namesFor(order, snapshot, world.hostNames), world);
    return 0;
  } catch (error) {
    complain(`cannot follow probes: ${(error as ControlError).message}`, world);
    return 1;
  }
}

function reason(error: ControlError): string {
  // The words of Solaris, though the daemon has another name here: monitoring scripts look for them.
  if (error.code === "NO_DAEMON") return `cannot contact in.mpathd(1M) -- is IPMP in use?\n${NOT_RUNNING}`;
  return `cannot snapshot IPMP state: ${error.message}`;
}

/** What no column has room for: why a group is not as good as its members, and what leads traffic past it. */
function remarks({ groups }: Snapshot): string[] {
  return groups.flatMap(({ groupName, impairments, bypasses }) => [
    // A daemon from before the upgrade tells of none.
    ...(impairments ?? []).map((reason) => `warning: group ${groupName}: ${reason}`),
    ...bypasses.map(
      (route) =>
        `warning: the route \`${route}' leads traffic past group ${groupName}; the log tells how to take it away`,
    ),
  ]);
}

function print(snapshot: Snapshot, nameOf: NameOf, order: Order, world: Surroundings): void {
  if (order.form === "json") {
    world.write(`${JSON.stringify(jsonObjects(snapshot, order, nameOf), null, 2)}\n`);
    return;
  }
  const shown = (order.form === "human" ? rowsForPeople : rows)(snapshot, order.mode, nameOf);
  for (const text of shown.flatMap(linesIn(order, world))) world.write(`${text}\n`);
}

function complain(text: string, world: Surroundings): void {
  world.complain(`ipmpstat: ${text}\n`);
}
