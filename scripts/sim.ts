/**
 * Runs the simulation over many seeds, on all processors: `npm run sim -- --seeds 1000 [--seed FIRST] [--jobs N] [--trace]`. A run that
 * begins with the first seed looks at those that failed once before all others. Or ten hours of each life with targets that limit their
 * answers: `npm run sim -- --limited 10`.
 * Exit 1 where a seed failed; its trace is shown, and `--seeds 1 --seed N` runs it again.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LIMITED_LIVES, liveLimited, unexpected } from "../test/sim/limited-life.ts";
import { ONCE_FAILED } from "../test/sim/once-failed.ts";
import { simulate } from "../test/sim/simulation.ts";

/** How much of a failed run's trace is shown; `--trace` shows everything. */
const TRACE_LINES = 40;
/** Further failures are mostly the same one again. */
const FAILURES_SHOWN = 5;
/** Given to a worker at a time: small, so that all end together. */
const PORTION = 20;

interface Portion {
  readonly first: number;
  readonly count: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: `${availableParallelism()}` },
    trace: { type: "boolean", default: false },
    limited: { type: "string" },
  },
});

if (values.limited !== undefined) limitTargets(Number(values.limited), Number(values.seed));
else if (process.send === undefined) await superviseAll(Number(values.seed), Number(values.seeds), Number(values.jobs));
else work();

/** So many hours of each life in which targets answer only part of the probes. */
function limitTargets(hours: number, seed: number): void {
  for (const [title, life] of Object.entries(LIMITED_LIVES)) {
    const { failures, told, detectionTimeMs, foundAfterMs } = liveLimited(life, hours, seed);
    const said = Object.entries(told).map(([id, count]) => `${id} ${count}`);
    console.log(
      `${title}: ${failures.length} failures; said ${said.join(", ") || "nothing"}; detection time ${detectionTimeMs} ms`,
    );
    console.log(`  a dead path was found after ${foundAfterMs ?? "no time"} ms`);
    if (unexpected(life, failures).length > 0) process.exitCode = 1;
  }
}

function work(): void {
  process.on("message", (portion: Portion) => process.send?.(failedOf(portion)));
  process.on("disconnect", () => process.exit());
}

function failedOf({ first, count }: Portion): number[] {
  const seeds = Array.from({ length: count }, (_, at) => first + at);
  return seeds.filter((seed) => simulate(seed) !== undefined);
}

async function superviseAll(first: number, count: number, jobs: number): Promise<void> {
  const portions = [...(first === 1 ? onceFailed() : []), ...portionsOf(first, count)];
  const failed: number[] = [];
  const note = (seeds: readonly number[]) => {
    for (const seed of seeds) if (!failed.includes(seed) && failed.push(seed) <= FAILURES_SHOWN) show(seed);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, portions.length) }, () => supervise(portions, note)));
  failed.sort((a, b) => a - b);
  console.log(`${count} seeds from ${first} on: ${failed.length} failed ${failed.slice(0, 20).join(" ")}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function onceFailed(): Portion[] {
  return Object.keys(ONCE_FAILED).map((seed) => ({ first: Number(seed), count: 1 }));
}

function portionsOf(first: number, count: number): Portion[] {
  return Array.from({ length: Math.ceil(count / PORTION) }, (_, at) => ({
    first: first + at * PORTION,
    count: Math.min(PORTION, count - at * PORTION),
  }));
}

/** One worker, kept busy until nothing is left. */
async function supervise(portions: Portion[], note: (failed: readonly number[]) => void): Promise<void> {
  const worker = fork(fileURLToPath(import.meta.url));
  try {
    for (let portion = portions.shift(); portion !== undefined; portion = portions.shift())
      note(await answerOf(worker, portion));
  } finally {
    worker.disconnect();
  }
}

/** @throws {Error} where the worker dies over it: then one of these seeds does not end well at all. */
async function answerOf(worker: ChildProcess, portion: Portion): Promise<readonly number[]> {
  const waiting = new AbortController();
  const { signal } = waiting;
  worker.send(portion);
  const [answer] = await Promise.race([once(worker, "message", { signal }), once(worker, "exit", { signal })]);
  waiting.abort();
  if (Array.isArray(answer)) return answer;
  throw new Error(`the worker for seeds ${portion.first}..${portion.first + portion.count - 1} ended with ${answer}`);
}

function show(seed: number): void {
  const failure = simulate(seed, { traced: true });
  const trace = values.trace ? failure?.trace : failure?.trace.slice(-TRACE_LINES);
  console.log(`seed ${seed}: ${failure?.text}\n${trace?.map((line) => `    ${line}`).join("\n")}\n`);
}
