/** Checks the rules of the house over the whole tree: `node --import tsx scripts/architecture.ts`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  bindingIsStrictJson,
  coreIsPure,
  dependenciesHaveReasons,
  entriesOnlyReexport,
  foldersAreExplained,
  lockIsComplete,
  noPromises,
  noSilencedTests,
  oneTimer,
  roomsAreSmall,
} from "./checks/house-rules.ts";
import { type DependencyReasons, importDirections, oneAddonLoader } from "./checks/import-rules.ts";
import { casesAreShown } from "./checks/numbered-cases.ts";
import { type Rule, readSourceTree, type SourceTree, type Violation } from "./checks/source-tree.ts";
import { statesAreDrawn } from "./checks/state-diagram.ts";

/** All rules, for one list of reasoned dependencies. */
export function houseRules(reasons: DependencyReasons): readonly Rule[] {
  return [
    importDirections(reasons),
    oneAddonLoader,
    coreIsPure,
    oneTimer,
    entriesOnlyReexport,
    bindingIsStrictJson,
    roomsAreSmall,
    noSilencedTests,
    noPromises,
    dependenciesHaveReasons(reasons),
    lockIsComplete,
    foldersAreExplained,
    statesAreDrawn,
    casesAreShown,
  ];
}

/** Every violation in the tree, in the order of the rules. */
export function violationsIn(tree: SourceTree, reasons: DependencyReasons): Violation[] {
  return houseRules(reasons).flatMap((rule) => [...rule(tree)]);
}

/** `path:line: what (why)`, as editors follow it. */
export function violationText({ path, line, what, why, warning }: Violation): string {
  const place = line === 0 ? path : `${path}:${line}`;
  return `${place}: ${warning ? "warning: " : ""}${what}\n    because ${why}`;
}

/** The violations of the repository at `root`. */
export function checkArchitecture(root: string): Violation[] {
  const reasons = JSON.parse(readFileSync(`${root}/scripts/dependencies.json`, "utf8")) as DependencyReasons;
  return violationsIn(readSourceTree(root), reasons);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = checkArchitecture(process.cwd());
  for (const violation of violations) console.log(violationText(violation));
  process.exitCode = violations.some((violation) => !violation.warning) ? 1 : 0;
}
