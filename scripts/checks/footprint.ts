/** What a test run must leave as it found it: the host's own network, the repository, and no process behind. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Lines of text per kind of trace; equal before and after, when nothing was left. */
export type Footprint = Readonly<Record<string, readonly string[]>>;

/** Looking must not hang the run either. */
const LOOK = { encoding: "utf8", timeout: 60_000 } as const;

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Values that change by themselves: lifetimes count down. */
function isSteady(key: string): boolean {
  return !["valid_life_time", "preferred_life_time", "expires"].includes(key);
}

/** One line of JSON per link, address holder or route. */
function networkLines(words: readonly string[]): string[] {
  const objects = JSON.parse(execFileSync("ip", ["-j", ...words], LOOK) || "[]") as object[];
  return objects.map((object) => JSON.stringify(object, (key, value) => (isSteady(key) ? value : undefined)));
}

/** IPv6 gives each new link its own secret; a reading fails where the value is write-only. */
function settingLine(path: string): string[] {
  try {
    return [`${path} = ${readFileSync(path, "utf8").trim()}`];
  } catch {
    return [];
  }
}

function settingLines(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? settingLines(path) : settingLine(path);
  });
}

function namedNamespaces(): string[] {
  try {
    return readdirSync("/run/netns");
  } catch {
    // The folder is made with the first namespace.
    return [];
  }
}

function changedFiles(root: string): string[] {
  return lines(execFileSync("git", ["status", "--porcelain", "--untracked-files=all"], { ...LOOK, cwd: root }));
}

/** Looks at the machine. `root` is the repository. */
export function footprint(root: string): Footprint {
  return {
    "network namespace": namedNamespaces(),
    link: networkLines(["link", "show"]),
    address: networkLines(["address", "show"]),
    "IPv4 route": networkLines(["-4", "route", "show", "table", "all"]),
    "IPv6 route": networkLines(["-6", "route", "show", "table", "all"]),
    sysctl: ["ipv4", "ipv6"].flatMap((family) => settingLines(`/proc/sys/net/${family}`)),
    file: changedFiles(root),
  };
}

/** A sentence for every trace that came or went. */
export function traces(before: Footprint, after: Footprint): string[] {
  return Object.keys(after).flatMap((kind) => {
    const [old = [], now = []] = [before[kind], after[kind]];
    return [
      ...now.filter((line) => !old.includes(line)).map((line) => `${kind} left behind: ${line}`),
      ...old.filter((line) => !now.includes(line)).map((line) => `${kind} gone or changed: ${line}`),
    ];
  });
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // It ended meanwhile, or is another user's.
    return [];
  }
}

function programOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "a program that ended meanwhile";
  }
}

/**
 * Processes that carry `mark` (NAME=value) in their environment, other than this one. Parenthood would not do: a daemon
 * that outlives its parent belongs to init.
 */
export function processesMarked(mark: string): { pid: number; program: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => environmentOf(pid).includes(mark))
    .map((pid) => ({ pid: Number(pid), program: programOf(pid) }));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/**
 * Kills every process that carries `mark`, also those that are being started meanwhile, and returns them as lines of
 * process id and program.
 */
export function killMarked(mark: string): string[] {
  const killed = new Map<number, string>();
  for (;;) {
    const found = processesMarked(mark).filter(({ pid }) => !killed.has(pid));
    if (found.length === 0) return [...killed].map(([pid, program]) => `${pid} ${program}`);
    for (const { pid, program } of found) {
      kill(pid);
      killed.set(pid, program);
    }
  }
}
