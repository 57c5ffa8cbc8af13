/** The files that the house rules are about, as text by path. Tests hand in a planted tree, the gate the real one. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Text of every file, keyed by its path from the root of the repository, with forward slashes. */
export type SourceTree = ReadonlyMap<string, string>;

/** One broken rule. `line` is 1-based, 0 where the whole file or its absence is meant. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  /** The reason of the rule, printed with every violation: a ban without a reason gets worked around. */
  readonly why: string;
  /** A warning is printed but does not fail the gate. */
  readonly warning?: true;
}

/** What a rule looks at. A rule is a pure function of the tree. */
export type Rule = (tree: SourceTree) => readonly Violation[];

const FOLDERS = ["src", "native", "test", "scripts"];
const SINGLE_FILES = ["package.json", "package-lock.json", "binding.gyp", "docs/states.md"];

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Reads the folders that hold code; those that are not there are simply absent from the tree. */
export function readSourceTree(root: string): SourceTree {
  const exists = (path: string) => statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
  const paths = [
    ...FOLDERS.filter(exists).flatMap((folder) => filesBelow(root, folder)),
    ...SINGLE_FILES.filter(exists),
  ];
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** The TypeScript files below `prefix`, path and text. */
export function typescriptBelow(tree: SourceTree, prefix: string): [path: string, text: string][] {
  return [...tree].filter(([path]) => path.startsWith(prefix) && path.endsWith(".ts"));
}

/** `core` for src/core/machine.ts, `index` for src/index.ts. */
export function areaOf(path: string): string {
  const [, second = ""] = path.split("/");
  return second.replace(/\.ts$/, "");
}
