/** Who is measured: something that keeps a household reachable, seen from outside. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { IpmpError } from "../../src/core/errors.ts";
import { Laboratory, type LaboratoryOptions } from "../support/laboratory.ts";
import { end } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { bare, type Household } from "./household.ts";

/** One program at work in namespace `host`. */
export interface Contestant {
  readonly child: ChildProcess;
  /** Resolves when it is ready for the next failure: everything in place, every card usable. */
  settled(): Promise<void>;
  /** The last lines that it said, for when something breaks. */
  lastWords(): string;
  /** Failures of cards that it has told of since its start. */
  failures(): number;
}

/** How to make one. */
export interface Entrant<Kind extends Contestant = Contestant> {
  readonly name: string;
  /** What the host needs before the program is started. */
  prepare(laboratory: Laboratory, household: Household): Promise<void>;
  launch(laboratory: Laboratory, household: Household): Kind;
}

export type Shape = Partial<LaboratoryOptions>;

const LINES_KEPT = 40;

/** Longer than any program here remembers that something has happened: we, for one, watch closely for two seconds. */
const QUIET_MS = 2_500;

/** Cables are pulled out of the blue, and idleness begins when the start is over: so every measurement begins here. */
export async function quiet(): Promise<void> {
  await pause(QUIET_MS);
}

/** Makes a laboratory, lets the contestant settle in it, works, and takes everything down again. */
export async function withContestant<Result, Kind extends Contestant>(
  entrant: Entrant<Kind>,
  shape: Shape,
  household: Household,
  work: (laboratory: Laboratory, contestant: Kind) => Promise<Result>,
): Promise<Result> {
  return withHost(entrant, shape, household, async (laboratory) => {
    const contestant = entrant.launch(laboratory, household);
    try {
      await Promise.race([contestant.settled(), diedEarly(contestant)]);
      return await work(laboratory, contestant);
    } catch (error) {
      console.error(`${entrant.name} said last:\n${contestant.lastWords()}`);
      throw error;
    } finally {
      await end(contestant.child);
    }
  });
}

/** A laboratory with everything but the program. */
export async function withHost<Result>(
  entrant: Entrant<Contestant>,
  shape: Shape,
  household: Household,
  work: (laboratory: Laboratory) => Promise<Result>,
): Promise<Result> {
  // Detection of duplicates makes a card that returns wait for a second or two: no part of any figure here.
  const laboratory = await Laboratory.create({ duplicateAddressDetection: false, ...shape });
  try {
    if (household.routerLines.length > 0) await laboratory.ip("router", household.routerLines);
    await entrant.prepare(laboratory, household);
    return await work(laboratory);
  } finally {
    await laboratory.close();
  }
}

function diedEarly({ child }: Contestant): Promise<never> {
  return new Promise((_, reject) => {
    const tell = () => reject(new IpmpError("CONTESTANT_ENDED", `${child.spawnfile} ended before it was ready`));
    if (child.exitCode !== null) tell();
    else child.once("exit", tell);
  });
}

/** Keeps the tail of what a process says. */
export function listen(child: ChildProcess, heard: (line: string) => void = () => {}): () => string {
  const lines: string[] = [];
  const take = (line: string) => {
    heard(line);
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  for (const input of [child.stdout, child.stderr]) {
    if (input !== null) createInterface({ input }).on("line", take);
  }
  return () => lines.join("\n");
}

/**
 * Waits until every data address is on a card. It may be on two for a while: whoever moves an address may leave the old
 * copy for later.
 */
export async function untilPlaced(laboratory: Laboratory, household: Household): Promise<void> {
  const missing = async () => {
    const held = await heldAddresses(laboratory);
    return household.dataAddresses.map(bare).filter((address) => !held.has(address)).length;
  };
  await waitFor("every data address to be on a card; those that are on none", missing, (count) => count === 0, 30_000);
}

/** All addresses of the host's cards. */
async function heldAddresses(laboratory: Laboratory): Promise<Set<string | undefined>> {
  type Entry = { ifname: string; addr_info: readonly { local?: string }[] };
  const entries = await laboratory.ipJson<Entry>("host", "address", "show");
  const cards = entries.filter(({ ifname }) => laboratory.nics.includes(ifname));
  return new Set(cards.flatMap(({ addr_info }) => addr_info.map(({ local }) => local)));
}
