/**
 * The whole test run: `npm test`, or parts of it by name: `npm test -- unit`, `npm test -- netns native`.
 * Its last line is `N passed, N failed`, with `, N skipped` where tests were; its status 0 only if nothing failed.
 */
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { sandboxRefusal } from "../test/support/sandbox.ts";
import { runCommand } from "./checks/command.ts";
import { type Footprint, footprint, killMarked, traces } from "./checks/footprint.ts";
import { conclude, countedStage, mochaStage, outcome, runStages, type Stage, stageUnless } from "./checks/stage.ts";
import { ctestTally, fuzzTally, NOTHING, specTally } from "./checks/tally.ts";
import { GATE } from "./gate.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Times a quiet machine of two cores needs: half of these, and less. */
/** They build the addon with a sanitizer first, which takes a busy machine minutes. */
const SANITIZED_LIMIT_MS = 10 * 60_000;
const NETNS_LIMIT_MS = 40 * 60_000;

const SANDBOX = "scripts/sandbox.sh";

/** In a world of its own where this machine can make one; where not, the tests say why and are skipped. */
function sandboxed(command: readonly string[]): readonly string[] {
  return sandboxRefusal() === undefined ? [SANDBOX, ...command] : command;
}

function npmRun(script: string): string[] {
  return ["npm", "run", "--silent", script];
}

/** The addon under stress, in a world of its own: it makes network namespaces, and so needs root there. */
function stressStage(name: string, script: string): Stage {
  const stage = countedStage(name, [SANDBOX, ...npmRun(script)], specTally, { limitMs: SANITIZED_LIMIT_MS });
  return stageUnless(async () => sandboxRefusal(), stage);
}

/** What fuzzing needs and this machine lacks; it is not worth installing a compiler for. */
async function fuzzingLacks(): Promise<string | undefined> {
  const { problem, output } = await runCommand(["sh", "scripts/setup.sh", "fuzz", "--check"]);
  return problem === undefined
    ? undefined
    : `${output.trim().replaceAll("\n", "; ")}; "sh scripts/setup.sh fuzz" installs it`;
}

/** What `npm test -- NAME` may name; without a name all of them. */
const PARTS: Readonly<Record<string, readonly Stage[]>> = {
  unit: GATE,
  native: [
    countedStage("native unit tests, ASan", npmRun("native:unit"), ctestTally, { limitMs: SANITIZED_LIMIT_MS }),
    countedStage("native unit tests, TSan", npmRun("native:unit:tsan"), ctestTally, { limitMs: SANITIZED_LIMIT_MS }),
    stressStage("addon under stress", "native:stress"),
    stressStage("addon under stress, ASan", "native:stress:asan"),
    stressStage("addon under stress, TSan", "native:stress:tsan"),
    stageUnless(fuzzingLacks, countedStage("decoders, 10 s of fuzzing", npmRun("native:fuzz"), fuzzTally)),
  ],
  netns: [
    mochaStage("network namespaces", "test/netns/**/*.test.ts", {
      wrap: sandboxed,
      live: true,
      limitMs: NETNS_LIMIT_MS,
    }),
  ],
};

/** Ends what the run left running, having named it: the next run shall not meet it. */
function endMarkedProcesses(mark: string): string[] {
  return killMarked(mark).map((process) => `process left running (ended now): ${process}`);
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
