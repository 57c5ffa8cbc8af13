/**
 * Branch coverage of the machine: `npm run coverage`. Ends with status 1 where a branch of `src/core` is not covered, or a test
 * fails. The tests that drive the core run on a copy of the tree without types (see checks/measurable.ts): each line of the
 * report is the line of that number in the TypeScript file.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./checks/command.ts";
import { measurable } from "./checks/measurable.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Not the simulation: what only a random life comes across deserves a test of its own, and would be measured by luck. */
const TESTS = "test/{unit/core,unit/config,scenario}/**/*.test.js";
const C8 = "node_modules/.bin/c8";
const WHOLE = ["--check-coverage", ...["branches", "functions", "lines"].flatMap((kind) => [`--${kind}`, "100"])];
const MOCHA = ["node_modules/.bin/mocha", "--no-config", "--timeout", "120000", "--reporter", "dot", TESTS];

/** By itself c8 leaves out what lies below folders of certain names; here only what is included counts. */
function reportOn(sources: string): string[] {
  return ["--include", `${sources}/**/*.js`, "--exclude", "", "--reporter", "text"];
}

/** Files below a folder, as paths from the root of the repository. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

/** Copies the tree to `folder`, TypeScript as measurable JavaScript. */
function copyTree(folder: string): void {
  for (const path of [...filesBelow("src"), ...filesBelow("test"), ...filesBelow("scripts")]) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    if (!path.endsWith(".ts")) cpSync(join(root, path), join(folder, path));
    else
      writeFileSync(join(folder, path.replace(/ts$/, "js")), measurable(path, readFileSync(join(root, path), "utf8")));
  }
  for (const name of ["node_modules", "docs", "package.json"]) symlinkSync(join(root, name), join(folder, name));
}

/** A file that no test loads would be missing from the report. Those that hold nothing but types are loaded as well. */
function loadAllOf(sources: string, folder: string): void {
  const imports = filesBelow(sources).map((path) => `import "./${path.replace(/ts$/, "js")}";`);
  writeFileSync(join(folder, "every-file.js"), imports.join("\n"));
}

async function shown(command: readonly string[]): Promise<boolean> {
  const { problem } = await runCommand(command, { live: true });
  if (problem !== undefined) console.error(problem);
  return problem === undefined;
}

const folder = mkdtempSync(join(tmpdir(), "ipmp-coverage-"));
try {
  copyTree(folder);
  loadAllOf("src/core", folder);
  process.chdir(folder);
  const whole = await shown([C8, ...WHOLE, ...reportOn("src/core"), ...MOCHA, "every-file.js"]);
  // For information: what the same tests see of the configuration's reader.
  await shown([C8, "report", ...reportOn("src/config")]);
  process.exitCode = whole ? 0 : 1;
} finally {
  process.chdir(root);
  rmSync(folder, { recursive: true });
}
