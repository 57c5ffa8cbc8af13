/** The gate: everything that must hold before a change is worth a look. `npm run gate`. */
import { fileURLToPath } from "node:url";
import { checkArchitecture, violationText } from "./architecture.ts";
import { checkStage, conclude, mochaStage, outcome, runStages, type Stage } from "./checks/stage.ts";
import { NOTHING } from "./checks/tally.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** biome ends well where it has mere remarks ("Found 3 infos."); we want none. */
function remarks(output: string): string | undefined {
  return /^Found \d+ .*$/m.exec(output)?.[0];
}

const architecture: Stage = {
  name: "architecture",
  run: async () => {
    const violations = checkArchitecture(root);
    const broken = violations.filter((violation) => !violation.warning).length;
    for (const warning of violations.filter((violation) => violation.warning)) console.log(violationText(warning));
    const problem = broken === 0 ? undefined : `${broken} rules broken`;
    return outcome(NOTHING, problem, violations.map(violationText).join("\n"));
  },
};

const LINT = ["node_modules/.bin/biome", "ci", "--error-on-warnings", "--colors=off", "."];

/** All stages; those that find a fault soonest come first. */
export const GATE: readonly Stage[] = [
  checkStage("format and lint", LINT, remarks),
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
