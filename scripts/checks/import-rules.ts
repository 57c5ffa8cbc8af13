/**
 * Imports point inward. One table says for each area of src/ what its files may load; everything else is refused.
 *
 * - A value import loads the module at run time; a type import (`import type`) vanishes when compiled.
 * - `VOCABULARY` are the modules of core that hold words and no decisions (constants, tables of settings, the root
 *   error class): adapters may load those. All other modules of core may be used by adapters as types only.
 * - npm packages: see `importedBy` in scripts/dependencies.json.
 */
import { posix } from "node:path";
import { areaOf, type Rule, type SourceTree, typescriptBelow, type Violation } from "./source-tree.ts";
import { type Import, importsOf, literalsEndingIn } from "./syntax.ts";

const VOCABULARY = [
  "src/core/kernel-state/kernel-objects.ts",
  "src/core/kernel-state/settings.ts",
  "src/core/errors.ts",
  "src/core/messages.ts",
];

interface Permission {
  /** Path prefixes that may be loaded, besides the area itself. */
  readonly values: readonly string[];
  /** Path prefixes of which the types may be used, besides those of `values`. */
  readonly types: readonly string[];
  readonly node: boolean;
  readonly why: string;
}

/** Node without policy: for whoever has to do with files and clocks. */
const HOST = "src/host/";

const ADAPTER: Permission = {
  values: [...VOCABULARY, HOST],
  types: ["src/core/"],
  node: true,
  why: "adapters know the words of core and nothing of each other, so that each can be replaced by a simulated one",
};

const PERMISSIONS: Readonly<Record<string, Permission>> = {
  core: {
    values: [],
    types: [],
    node: false,
    why: "the machine is pure: a journal must replay to the same actions on any computer, without a kernel and without Node",
  },
  host: {
    ...ADAPTER,
    values: VOCABULARY,
    why: "what all use knows none of them: files and directories of the host, and no policy",
  },
  config: ADAPTER,
  kernel: ADAPTER,
  // One addon serves both doors to the kernel.
  prober: { ...ADAPTER, values: [...ADAPTER.values, "src/kernel/native", "src/kernel/errors.ts"] },
  // The status of the doors to the kernel is part of what the API shows, and so is the form of the file.
  control: {
    ...ADAPTER,
    types: [...ADAPTER.types, "src/kernel/port.ts", "src/prober/statistics.ts", "src/config/file-form.ts"],
  },
  daemon: {
    values: ["src/core/", "src/config/", "src/kernel/", "src/prober/", "src/control/", HOST],
    types: [],
    node: true,
    why: "the daemon is where all meets; a command line tool is a user of it, never a part",
  },
  cli: {
    values: ["src/control/client", "src/config/", HOST, ...VOCABULARY],
    types: ["src/core/", "src/control/"],
    node: true,
    why: "tools are thin: they ask the daemon, and must start fast and work without root",
  },
  index: {
    values: ["src/core/", "src/config/", "src/kernel/", "src/prober/", "src/control/", "src/daemon/"],
    types: [],
    node: false,
    why: "the library entry only hands on what the areas export",
  },
};

/** The one tool that may load the daemon: it is the daemon's command line. */
const DAEMON_TOOL: Permission = {
  values: ["src/core/", "src/config/", "src/kernel/", "src/prober/", "src/control/", "src/daemon/"],
  types: [],
  node: true,
  why: "ipmpd starts the daemon and nothing else does",
};

/** The reasons of npm packages, as kept in scripts/dependencies.json. */
export interface DependencyReasons {
  readonly dependencies: Readonly<Record<string, { readonly importedBy: readonly string[]; readonly reason: string }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function permissionOf(path: string): Permission | undefined {
  return path === "src/cli/ipmpd-command.ts" ? DAEMON_TOOL : PERMISSIONS[areaOf(path)];
}

function isOwnOrAllowed(path: string, target: string, found: Import, permission: Permission): boolean {
  const startsTarget = (prefix: string) => target.startsWith(prefix);
  if (target.startsWith(`src/${areaOf(path)}/`)) return true;
  return permission.values.some(startsTarget) || (found.typeOnly && permission.types.some(startsTarget));
}

/** `zod` for zod/mini, `@scope/name` for @scope/name/part. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function refusal(path: string, found: Import, permission: Permission, reasons: DependencyReasons): string | undefined {
  if (found.specifier.startsWith("node:")) {
    return permission.node ? undefined : `imports ${found.specifier}`;
  }
  if (!found.specifier.startsWith(".")) {
    const importers = reasons.dependencies[packageName(found.specifier)]?.importedBy ?? [];
    const allowed = importers.includes(areaOf(path));
    return allowed ? undefined : `imports the package ${found.specifier}, which ${areaOf(path)} has no permission for`;
  }
  const target = posix.join(posix.dirname(path), found.specifier);
  if (isOwnOrAllowed(path, target, found, permission)) return undefined;
  return found.typeOnly ? `uses types of ${target}` : `loads ${target}`;
}

function refusedIn(path: string, text: string, reasons: DependencyReasons): Violation[] {
  const permission = permissionOf(path);
  if (permission === undefined) {
    const what = `is in no area that scripts/checks/import-rules.ts knows (${Object.keys(PERMISSIONS).join(", ")})`;
    return [{ path, line: 0, what, why: "a new area needs a decision about what it may import" }];
  }
  return importsOf(path, text).flatMap((found) => {
    const what = refusal(path, found, permission, reasons);
    return what === undefined ? [] : [{ path, line: found.line, what, why: permission.why }];
  });
}

/** Each import in src/ is one that the table permits. */
export function importDirections(reasons: DependencyReasons): Rule {
  return (tree) => typescriptBelow(tree, "src/").flatMap(([path, text]) => refusedIn(path, text, reasons));
}

const ADDON_LOADER = "src/kernel/native.ts";
const LOADERS = new Set(["node-gyp-build", "node:module", "module", "bindings"]);

function loadsIn(path: string, text: string): Violation[] {
  const why = `only ${ADDON_LOADER} loads the addon: one place checks its version and says what to do when it is missing`;
  const loaders = importsOf(path, text).filter((found) => !found.typeOnly && LOADERS.has(found.specifier));
  return [
    ...loaders.map((found) => ({ path, line: found.line, what: `imports ${found.specifier}`, why })),
    ...literalsEndingIn(path, text, ".node").map((found) => ({
      path,
      line: found.line,
      what: `names ${found.name}`,
      why,
    })),
  ];
}

/** Only one file of src/ loads the addon. */
export function oneAddonLoader(tree: SourceTree): Violation[] {
  return typescriptBelow(tree, "src/")
    .filter(([path]) => path !== ADDON_LOADER)
    .flatMap(([path, text]) => loadsIn(path, text));
}
