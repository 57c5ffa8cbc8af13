/** The gate: everything that must hold before a change is worth a look. `npm run gate`. */
import { fileURLToPath } from "node:url";
import { checkStage, conclude, mochaStage, runStages, type Stage } from "./checks/stage.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** biome ends well where it has mere remarks ("Found 3 infos."); we want none. */
function remarks(output: string): string | undefined {
  return /^Found \d+ .*$/m.exec(output)?.[0];
}

/** The line of c8's table that sums up the first report, that on the core. */
function coverageFigures(output: string): string {
  const [, statements, branches, functions, lines] =
    /^All files[ |]+(\S+)[ |]+(\S+)[ |]+(\S+)[ |]+(\S+)/m.exec(output) ?? [];
  return `src/core: ${branches} % of branches, ${functions} % of functions, ${lines} % of lines, ${statements} % of statements`;
}

/** In a process of its own like all others, so that it can be ended. */
function script(path: string): string[] {
  return [process.execPath, "--import", "tsx", path];
}

/** A quiet machine of two cores needs a fifth of it. */
const COVERAGE_LIMIT_MS = 5 * 60_000;
/** The same, three minutes. */
const SIMULATION_LIMIT_MS = 15 * 60_000;

const LINT = ["node_modules/.bin/biome", "ci", "--error-on-warnings", "--colors=off", "."];

/** All stages; those that find a fault soonest come first. */
export const GATE: readonly Stage[] = [
  checkStage("format and lint", LINT, { judge: remarks }),
  // Warnings are shown where nothing is broken, too.
  checkStage("architecture", script("scripts/architecture.ts"), { report: (output) => output }),
  checkStage("types", ["node_modules/.bin/tsc", "-p", "tsconfig.check.json"]),
  mochaStage("unit tests", "test/unit/**/*.test.ts"),
  mochaStage("scenario tests", "test/scenario/**/*.test.ts"),
  checkStage("coverage of the core", script("scripts/coverage.ts"), {
    report: coverageFigures,
    limitMs: COVERAGE_LIMIT_MS,
  }),
  mochaStage("simulation, smoke", "test/sim/**/*.test.ts", { limitMs: SIMULATION_LIMIT_MS }),
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(root);
  conclude(await runStages(GATE));
}
