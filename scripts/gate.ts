/** The gate: everything that must hold before a change is worth a look. `npm run gate`. */
import { fileURLToPath } from "node:url";
import { runCommand } from "./checks/command.ts";
import { checkStage, conclude, mochaStage, outcome, runStages, type Stage } from "./checks/stage.ts";
import { NOTHING } from "./checks/tally.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** biome ends well where it has mere remarks ("Found 3 infos."); we want none. */
function remarks(output: string): string | undefined {
  return /^Found \d+ .*$/m.exec(output)?.[0];
}

/** In a process of its own like all others, so that it can be ended. Warnings are shown where nothing is broken, too. */
const architecture: Stage = {
  name: "architecture",
  run: async () => {
    const { problem, output } = await runCommand([process.execPath, "--import", "tsx", "scripts/architecture.ts"]);
    if (problem === undefined && output !== "") console.log(output.trimEnd());
    return outcome(NOTHING, problem, output);
  },
};

const LINT = ["node_modules/.bin/biome", "ci", "--error-on-warnings", "--colors=off", "."];

/** All stages; those that find a fault soonest come first. */
export const GATE: readonly Stage[] = [
  checkStage("format and lint", LINT, { judge: remarks }),
  architecture,
  checkStage("types", ["node_modules/.bin/tsc", "-p", "tsconfig.check.json"]),
  mochaStage("unit tests", "test/unit/**/*.test.ts"),
  mochaStage("scenario tests", "test/scenario/**/*.test.ts"),
  mochaStage("simulation, smoke", "test/sim/**/*.test.ts"),
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(root);
  conclude(await runStages(GATE));
}
