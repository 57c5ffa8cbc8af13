/**
 * Measures us and peers side by side: `npm run bench`, see docs/benchmarks.md. Exit 0 also where a target is missed (the
 * table says so), 1 where something broke, 2 where the words are wrong.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { parseArgs } from "node:util";
import {
  type Effort,
  type Experiment,
  linesOf,
  type Measured,
  measure,
  type Peer,
  type Result,
  type Side,
} from "../test/bench/experiment.ts";
import { EXPERIMENTS } from "../test/bench/rows.ts";
import { remarks, table } from "../test/bench/table.ts";
import { enterSandbox } from "../test/support/sandbox.ts";

const FULL: Effort = { runs: 20, freshRuns: 10, idleMs: 20_000, millions: 10, busyMs: 600_000, verdicts: 1_000 };
const QUICK: Effort = { runs: 5, freshRuns: 3, idleMs: 5_000, millions: 2, busyMs: 20_000, verdicts: 300 };

const USAGE = `usage: npm run bench -- [--quick] [--only ROW]... [--json FILE]

  --quick      5 runs instead of 20, 3 fresh starts instead of 10, 20 busy seconds instead of 10 minutes
  --only ROW   only these, by the beginning of their name; may be repeated:
               ${EXPERIMENTS.map(({ id }) => id).join("\n               ")}
  --json FILE  every single value, as JSON
`;

function readWords() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [""] },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    return (error as Error).message;
  }
}

async function main(): Promise<number> {
  const words = readWords();
  if (typeof words === "string") return complain(words);
  if (words.help) {
    console.log(USAGE);
    return 0;
  }
  const chosen = EXPERIMENTS.filter(({ id }) => words.only.some((beginning) => id.startsWith(beginning)));
  if (chosen.length === 0) return complain(`there is no row "${words.only.join(", ")}"`);
  const refusal = await enterSandbox();
  if (refusal !== undefined) return complain(refusal, 1);
  const results = await runAll(chosen, words.quick ? QUICK : FULL);
  console.log(`\n${machine()}\n\n${table(results)}\n\n${remarks(results).join("\n")}`);
  if (words.json !== undefined) writeFileSync(words.json, JSON.stringify(report(results), undefined, 2));
  const isBroken = ({ fault }: Side) => fault !== undefined;
  return results.some(({ us, peers }) => isBroken(us) || peers.some(isBroken)) ? 1 : 0;
}

async function runAll(experiments: readonly Experiment[], effort: Effort): Promise<Result[]> {
  const shared = new Map<string, Side>();
  const results: Result[] = [];
  for (const experiment of experiments) {
    const us = await told(experiment.id, "ipmp", () => experiment.us(effort));
    const peers: Side[] = [];
    for (const peer of experiment.peers) peers.push(await sideOf(experiment.id, peer, effort, shared));
    results.push({ experiment, us, peers });
  }
  return results;
}

async function sideOf(id: string, peer: Peer, effort: Effort, shared: Map<string, Side>): Promise<Side> {
  const key = `${peer.shared ?? id}: ${peer.name}`;
  const side = shared.get(key) ?? (await told(id, peer.name, () => peer.measure(effort)));
  shared.set(key, side);
  return side;
}

async function told(id: string, name: string, work: () => Promise<Measured>): Promise<Side> {
  const startedAt = performance.now();
  const side = await measure(name, work);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const outcome = side.fault === undefined ? "done" : "BROKEN";
  console.log(`${id}: ${name}: ${side.absent === undefined ? outcome : "SKIPPED"} after ${seconds} s`);
  return side;
}

function machine(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, load ${load} at the end`;
}

function report(results: readonly Result[]): object {
  return {
    machine: machine(),
    results: results.map((result) => {
      const { experiment, us, peers } = result;
      return { id: experiment.id, lines: linesOf(result), us, peers };
    }),
  };
}

function complain(text: string, status = 2): number {
  console.error(`bench: ${text}`);
  if (status === 2) console.error(USAGE);
  return status;
}

process.exitCode = await main();
