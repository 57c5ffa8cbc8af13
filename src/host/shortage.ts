/** Limits that are met where nobody expects one: too few open files, threads or memory. Each has a remedy that is not ours. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const MORE_FILES = "raise the limit of open files: LimitNOFILE= of the service, or ulimit -n";
const MORE_TASKS = "raise the limit of tasks: TasksMax= of the service, pids.max of the container, or ulimit -u";

/** What to raise, by the system's or Node's name for what was refused. */
const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE: MORE_FILES,
  ENFILE: "raise the limit of open files of the whole system: sysctl fs.file-max",
  ENOMEM: "give it more memory: MemoryMax= of the service, or the limit of the container",
  EAGAIN: MORE_TASKS,
};

/** Node's own words for a thread that it could not have, which tell no errno. */
const NODES_WORDS: Readonly<Record<string, string>> = {
  ERR_WORKER_INIT_FAILED: "EAGAIN",
  ERR_WORKER_OUT_OF_MEMORY: "ENOMEM",
};

/** All modules of the daemon are opened at nearly the same moment. */
const OPEN_FILES_NEEDED = 256;

/** Node's pool, of which it can not do without a single one, the control worker, the two threads of the addon, and one that comes and goes. */
const THREADS_NEEDED = 8;

const CGROUPS = "/sys/fs/cgroup";

/** The remedy for what was refused with this code; undefined where it is not for a lack of something. */
export function shortageRemedy(code: string): string | undefined {
  return REMEDIES[NODES_WORDS[code] ?? code];
}

/** The sentence about an error that comes from a lack of something; undefined for any other. */
export function shortageText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  // Node tells the errno of a thread's event loop in its text only.
  const [errno = error.code] = /\bE(?:MFILE|NFILE|NOMEM|AGAIN)\b/.exec(error.message) ?? [];
  const remedy = shortageRemedy(errno);
  return remedy && `The system gives this process too little to start (${errno}); ${remedy}`;
}

/**
 * What will be missing, told before it is: where Node can not have a thread or a file for itself it dies without a sentence.
 * Undefined where there is enough, or nobody says.
 */
export function shortageAhead(): string | undefined {
  return filesMissing(text("/proc/self/limits")) ?? threadsMissing(text("/proc/self/cgroup"));
}

function filesMissing(limits: string): string | undefined {
  // Node has raised the soft limit to the hard one by now.
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  if (soft === undefined || Number(soft) >= OPEN_FILES_NEEDED) return undefined;
  return `This process may have ${soft} files open at once, and needs ${OPEN_FILES_NEEDED}; ${MORE_FILES}`;
}

function threadsMissing(cgroups: string): string | undefined {
  const free = Math.min(...groupsOf(cgroups).map(freeTasks));
  if (free >= THREADS_NEEDED) return undefined;
  return `This process may start ${free} more threads, and needs ${THREADS_NEEDED}; ${MORE_TASKS}`;
}

/** Folders of the control groups that count our tasks, from ours up to the highest that can be seen. */
function groupsOf(cgroups: string): string[] {
  return cgroups.split("\n").flatMap((line) => {
    const [, controllers = "", path = "/"] = line.split(":");
    if (controllers === "") return upwards(CGROUPS, path);
    return controllers.split(",").includes("pids") ? upwards(join(CGROUPS, "pids"), path) : [];
  });
}

function upwards(root: string, path: string): string[] {
  return path === "/" ? [root] : [join(root, path), ...upwards(root, dirname(path))];
}

function freeTasks(group: string): number {
  const most = Number.parseInt(text(join(group, "pids.max")), 10);
  const now = Number.parseInt(text(join(group, "pids.current")), 10);
  return Number.isNaN(most - now) ? Number.POSITIVE_INFINITY : Math.max(0, most - now);
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
