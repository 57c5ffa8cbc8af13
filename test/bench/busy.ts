/** Whether anybody takes a busy machine for a dead card: nothing fails, and other processes want every processor. */
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { ProcessKeeper } from "../support/processes.ts";
import { type Contestant, type Entrant, quiet, withContestant } from "./contestant.ts";
import type { Effort, Measured } from "./experiment.ts";
import type { Household } from "./household.ts";
import { type Daemon, IPMPD } from "./ipmpd.ts";

const NICS = 8;

/** Failures that a contestant sees where there is none. What else it has to say of that time comes from `look`. */
export async function falseFailures<Kind extends Contestant>(
  entrant: Entrant<Kind>,
  household: Household,
  { busyMs }: Effort,
  look: (contestant: Kind) => Promise<Omit<Measured, "pulls">> = async () => ({ series: {} }),
): Promise<Measured> {
  return withContestant(entrant, { nics: NICS }, household, async (_, contestant) => {
    await quiet();
    const before = contestant.failures();
    await whileBusy(busyMs);
    const failures = contestant.failures() - before;
    const { series, ...rest } = await look(contestant);
    return { series: { failures: [failures], ...series }, ...rest };
  });
}

/** One process for each processor that does nothing but run. */
async function whileBusy(durationMs: number): Promise<void> {
  const keeper = new ProcessKeeper();
  try {
    for (const _ of cpus()) keeper.start([process.execPath, "--eval", "for (;;);"], { stdio: "ignore" });
    // Not a wait for something to happen: the length of the measurement.
    await pause(durationMs);
  } finally {
    await keeper.endAll();
  }
}

/** Ours, and what became of its probes. */
export function ourFalseFailures(household: Household, effort: Effort): Promise<Measured> {
  return falseFailures(IPMPD, household, effort, fates);
}

async function fates({ client }: Daemon): Promise<Measured> {
  const { interfaces, groups } = await client.snapshot();
  const probes = interfaces.flatMap((one) => one.probes);
  const sum = (fate: "answered" | "lost" | "unsent") => probes.reduce((total, probe) => total + probe[fate], 0);
  const inForce = groups.map(({ failureDetectionTimeMs }) => `${failureDetectionTimeMs} ms`).join(", ");
  return {
    series: { unsent: [sum("unsent")], lost: [sum("lost")] },
    notes: [`${sum("answered")} probes answered; failure detection time in force at the end: ${inForce}`],
  };
}
