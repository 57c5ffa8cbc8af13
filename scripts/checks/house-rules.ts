/** The rules of the house that are not about imports, each with its reason. */
import type { DependencyReasons } from "./import-rules.ts";
import { areaOf, type Rule, type SourceTree, typescriptBelow, type Violation } from "./source-tree.ts";
import { globalsIn, membersIn, silencedTestsIn, statementsBesideReexports } from "./syntax.ts";

/** setImmediate is none: it names no deadline, and only lets the event loop have its turn. */
const TIMERS = new Set(["setTimeout", "setInterval"]);
const IMPURE_GLOBALS = new Set([
  ...TIMERS,
  "setImmediate",
  "Date",
  "performance",
  "process",
  "console",
  "crypto",
  "fetch",
  "globalThis",
  "queueMicrotask",
]);

/** core has no clock, timer, randomness or I/O, imported or global. */
export function coreIsPure(tree: SourceTree): Violation[] {
  const why =
    "now is an argument and the next deadline a result: only so can tests own the time and a journal be replayed";
  return typescriptBelow(tree, "src/core/").flatMap(([path, text]) =>
    [...globalsIn(path, text, IMPURE_GLOBALS), ...membersIn(path, text, "Math", "random")].map((mention) => ({
      path,
      line: mention.line,
      what: `uses ${mention.name}`,
      why,
    })),
  );
}

/** Areas whose timing the machine decides. Tools and the control API have deadlines of their own towards people. */
const TIMED_BY_THE_MACHINE = new Set(["config", "kernel", "prober", "daemon"]);

/** One file of src/daemon has the timer. */
export function oneTimer(tree: SourceTree): Violation[] {
  const why =
    "the machine names one deadline (wakeAt) and the daemon's loop arms one timer: a second would be a second judge";
  const users = typescriptBelow(tree, "src/")
    .filter(([path]) => TIMED_BY_THE_MACHINE.has(areaOf(path)))
    .flatMap(([path, text]) => globalsIn(path, text, TIMERS).map((mention) => ({ path, ...mention })));
  const loop = users.find((user) => user.path.startsWith("src/daemon/"))?.path;
  return users
    .filter((user) => user.path !== loop)
    .map(({ path, line, name }) => ({ path, line, what: `uses ${name}${loop ? `, as ${loop} does` : ""}`, why }));
}

/** Files called index.ts hold re-exports and nothing else. */
export function entriesOnlyReexport(tree: SourceTree): Violation[] {
  const why = "an entry file is a table of contents; code in it has no name of its own and no test that mirrors it";
  return typescriptBelow(tree, "src/")
    .filter(([path]) => path.endsWith("/index.ts"))
    .flatMap(([path, text]) =>
      statementsBesideReexports(path, text).map(({ line, name }) => ({ path, line, what: `contains ${name}`, why })),
    );
}

/** binding.gyp is read by CMake's JSON parser as well. */
export function bindingIsStrictJson(tree: SourceTree): Violation[] {
  const path = "binding.gyp";
  const why =
    "CMakeLists.txt reads the list of sources from it; gyp's comments and single quotes would break that build";
  const text = tree.get(path);
  if (text === undefined) return [{ path, line: 0, what: "is missing", why }];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [{ path, line: 0, what: `is not strict JSON: ${(error as Error).message}`, why }];
  }
}

const LARGEST_ROOM_LINES = 400;

/** Source files stay readable in one sitting. */
export function roomsAreSmall(tree: SourceTree): Violation[] {
  const why = "every admired code base of this kind that spoiled, spoiled in one file";
  return [...tree]
    .filter(([path]) => /^(src\/.*\.ts|native\/.*\.(cc|h))$/.test(path))
    .map(([path, text]) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > LARGEST_ROOM_LINES)
    .map(({ path, lines }) => ({ path, line: 0, what: `has ${lines} lines`, why, warning: true as const }));
}

/** The one place that may call mocha's skip: it demands a reason, which the summary prints. */
const SKIP_WITH_REASON = "test/support/skip.ts";

/** No test is taken out of the run in silence. */
export function noSilencedTests(tree: SourceTree): Violation[] {
  const why = `a test that does not run protects nothing; where a machine can not run it, skipBecause() in ${SKIP_WITH_REASON} says why`;
  return typescriptBelow(tree, "")
    .filter(([path]) => path !== SKIP_WITH_REASON)
    .flatMap(([path, text]) =>
      silencedTestsIn(path, text).map(({ line, name }) => ({ path, line, what: `calls ${name}`, why })),
    );
}

/** Written with brackets so that this file does not find itself. */
const PROMISE = /\b(TO[D]O|FIX[M]E|XX[X])\b/;

/** No promises in the code. */
export function noPromises(tree: SourceTree): Violation[] {
  const why = "what is promised in a comment is forgotten there: do it, or leave it out";
  return [...tree]
    .filter(([path]) => /\.(ts|cc|h|sh|js)$/.test(path))
    .flatMap(([path, text]) =>
      text.split("\n").flatMap((content, index) => {
        const word = PROMISE.exec(content)?.[1];
        return word === undefined ? [] : [{ path, line: index + 1, what: `says ${word}`, why }];
      }),
    );
}

function difference(kind: string, found: readonly string[], reasoned: readonly string[]): string[] {
  return [
    ...found.filter((name) => !reasoned.includes(name)).map((name) => `${kind} has ${name}, without a reason`),
    ...reasoned.filter((name) => !found.includes(name)).map((name) => `${kind} lacks ${name}, which has a reason`),
  ];
}

/** Every package has a written reason, and every reason a package. */
export function dependenciesHaveReasons(reasons: DependencyReasons): Rule {
  return (tree) => {
    const why = "inside a daemon that runs as root each dependency is a door: see scripts/dependencies.json";
    const manifest = JSON.parse(tree.get("package.json") ?? "{}");
    const problems = (["dependencies", "devDependencies"] as const).flatMap((kind) =>
      difference(kind, Object.keys(manifest[kind] ?? {}), Object.keys(reasons[kind])),
    );
    return problems.map((what) => ({ path: "package.json", line: 0, what, why }));
  };
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The lock file names the optional packages of all platforms, also of those that are not ours. */
export function lockIsComplete(tree: SourceTree): Violation[] {
  const path = "package-lock.json";
  const why =
    "`npm ci` refuses such a lock file, and `npm install` writes one where its registry lacks a platform's package";
  const packages: Readonly<Record<string, LockedPackage>> = JSON.parse(tree.get(path) ?? "{}").packages ?? {};
  const wanted = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
  return wanted
    .filter((name) => !Object.keys(packages).some((key) => key.endsWith(`node_modules/${name}`)))
    .map((name) => ({ path, line: 0, what: `does not describe ${name}`, why }));
}

/** src/README.md has a word for each folder of src/. */
export function foldersAreExplained(tree: SourceTree): Violation[] {
  const path = "src/README.md";
  const why = "it is the map of the house: a room that is not on it is not found";
  const page = tree.get(path);
  if (page === undefined) return [{ path, line: 0, what: "is missing", why }];
  const folders = new Set([...tree.keys()].map((file) => /^src\/([^/]+)\//.exec(file)?.[1]).filter((name) => name));
  return [...folders]
    .filter((name) => !page.includes(`${name}/`))
    .map((name) => ({ path, line: 0, what: `does not name ${name}/`, why }));
}
