/**
 * The whole test run: `npm test`, or parts of it by name: `npm test -- unit`, `npm test -- netns native`.
 * Its last line is `N passed, N failed`, with `, N skipped` where tests were; its status 0 only if nothing failed.
 */
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { sandboxRefusal } from "../test/support/sandbox.ts";
import { type Footprint, footprint, processesMarked, traces } from "./checks/footprint.ts";
import { conclude, countedStage, mochaStage, outcome, runStages, type Stage } from "./checks/stage.ts";
import { ctestTally, NOTHING, specTally } from "./checks/tally.ts";
import { GATE } from "./gate.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** In a world of its own where this machine can make one; where not, the tests say why and are skipped. */
function sandboxed(command: readonly string[]): readonly string[] {
  return sandboxRefusal() === undefined ? ["scripts/sandbox.sh", ...command] : command;
}

/** What `npm test -- NAME` may name; without a name all of them. */
const PARTS: Readonly<Record<string, readonly Stage[]>> = {
  unit: GATE,
  native: [
    countedStage("native unit tests", ["npm", "run", "--silent", "native:unit"], ctestTally),
    countedStage("addon under stress", ["npm", "run", "--silent", "native:stress"], specTally),
    countedStage("the same, sanitized", ["npm", "run", "--silent", "native:stress:asan"], specTally),
  ],
  netns: [mochaStage("network namespaces", "test/netns/**/*.test.ts", { wrap: sandboxed, live: true })],
};

/** Ends what the run left running, having named it: the next run shall not meet it. */
function endMarkedProcesses(mark: string): string[] {
  return processesMarked(mark).map(({ pid, program }) => {
    process.kill(pid, "SIGKILL");
    return `process left running (ended now): ${pid} ${program}`;
  });
}

function cleanliness(before: Footprint, mark: string): Stage {
  const run = async () => {
    const found = [...endMarkedProcesses(mark), ...traces(before, footprint(root))];
    return outcome(NOTHING, found.length === 0 ? undefined : `${found.length} traces left`, found.join("\n"));
  };
  return { name: "nothing left behind", run };
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !(name in PARTS));
  if (unknown !== undefined) {
    console.error(`There is no part "${unknown}"; the parts are ${Object.keys(PARTS).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  process.chdir(root);
  const run = randomUUID();
  process.env.IPMP_TEST_RUN = run;
  const before = footprint(root);
  const parts = (names.length === 0 ? Object.keys(PARTS) : names).flatMap((name) => PARTS[name] ?? []);
  conclude(await runStages([...parts, cleanliness(before, `IPMP_TEST_RUN=${run}`)]));
}

await main(process.argv.slice(2));
