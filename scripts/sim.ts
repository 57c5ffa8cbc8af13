/** Runs the simulation over many seeds: `npm run sim -- --seeds 1000 [--seed FIRST]`. Exit 1 where a seed failed. */
import { parseArgs } from "node:util";
import { simulate } from "../test/sim/simulation.ts";

/** How much of a failed run's trace is shown; `--trace` shows everything. */
const TRACE_LINES = 40;
/** Further failures are mostly the same one again. */
const FAILURES_SHOWN = 5;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});

const first = Number(values.seed);
const count = Number(values.seeds);
const failed: number[] = [];
for (let seed = first; seed < first + count; seed++) {
  if (simulate(seed) === undefined) continue;
  failed.push(seed);
  if (failed.length <= FAILURES_SHOWN) show(seed);
}
console.log(`${count} seeds from ${first} on: ${failed.length} failed ${failed.slice(0, 20).join(" ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function show(seed: number): void {
  const failure = simulate(seed, { traced: true });
  const trace = values.trace ? failure?.trace : failure?.trace.slice(-TRACE_LINES);
  console.log(`seed ${seed}: ${failure?.text}\n${trace?.map((line) => `    ${line}`).join("\n")}\n`);
}
