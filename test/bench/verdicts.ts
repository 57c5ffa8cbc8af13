/** How long it takes from a verdict of the probing thread until the deed that follows leaves the control worker. */
import { fileURLToPath } from "node:url";
import { end } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { listen, withHost } from "./contestant.ts";
import type { Effort, Measured } from "./experiment.ts";
import { WATCHED } from "./household.ts";
import { configurationFile, DIST, IPMPD } from "./ipmpd.ts";

const PROGRAM = fileURLToPath(new URL("verdict-program.mjs", import.meta.url));

/** Both from the moment at which the thread found the probe lost. */
interface Verdict {
  /** Until the worker heard of it. */
  readonly heardUs: number;
  /** Until its first deed left. */
  readonly doneUs: number;
}

/** One black hole after the other. What counts is the first deed in each: later ones wait for the work that it brings. */
export function verdictLatency({ verdicts: wanted }: Effort): Promise<Measured> {
  return withHost(IPMPD, { nics: 2 }, WATCHED, async (laboratory) => {
    const words = [process.execPath, PROGRAM, DIST, configurationFile(laboratory), `${laboratory.directory}/settings`];
    const child = laboratory.spawn("host", words, { stdio: ["pipe", "pipe", "inherit"] });
    const verdicts: Verdict[] = [];
    let stamps: Verdict[] = [];
    let isFine = false;
    listen(child, (line) => {
      const [word, heardUs, doneUs] = line.split(" ");
      if (word === "verdict") stamps.push({ heardUs: Number(heardUs), doneUs: Number(doneUs) });
      else isFine = word === "fine";
    });
    const [active = ""] = laboratory.nics;
    const settled = (wanted: boolean) =>
      waitFor(
        `fine: ${wanted}`,
        () => isFine,
        (fine) => fine === wanted,
      );
    try {
      await settled(true);
      while (verdicts.length < wanted) {
        stamps = [];
        await laboratory.blackhole(active);
        await settled(false);
        verdicts.push(...stamps.slice(0, 1));
        await laboratory.heal(active);
        await settled(true);
      }
    } finally {
      await end(child);
    }
    return measured(verdicts);
  });
}

function measured(verdicts: readonly Verdict[]): Measured {
  const heard = verdicts.map(({ heardUs }) => heardUs);
  const done = verdicts.map(({ doneUs }) => doneUs);
  return {
    series: {
      heard50: [percentile(heard, 0.5)],
      heard99: [percentile(heard, 0.99)],
      done50: [percentile(done, 0.5)],
      done99: [percentile(done, 0.99)],
    },
    notes: [`${verdicts.length} verdicts; the longest took ${Math.max(...done).toFixed(0)} us`],
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
