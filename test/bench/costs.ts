/** What a contestant costs while nothing happens: memory and processor time of all its processes. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export interface Memory {
  readonly rssMiB: number;
  /** Shared pages divided among their users. */
  readonly pssMiB: number;
}

const NS_PER_MS = 1e6;
const KIB_PER_MIB = 1024;

/** Memory of a process and all its descendants. */
export function memoryOf(pid: number): Memory {
  const texts = family(pid).map((member) => readFileSync(`/proc/${member}/smaps_rollup`, "utf8"));
  const sum = (field: string) =>
    texts.reduce((total, text) => total + Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0), 0);
  return { rssMiB: sum("Rss") / KIB_PER_MIB, pssMiB: sum("Pss") / KIB_PER_MIB };
}

/** Share of one core that a process and its descendants used in the time, in percent. */
export async function cpuPercent(pid: number, durationMs: number): Promise<number> {
  const startedAt = performance.now();
  const before = runMs(pid);
  // Not a wait for something to happen: the length of the measurement.
  await pause(durationMs);
  return ((runMs(pid) - before) / (performance.now() - startedAt)) * 100;
}

/** Time on a processor so far, in ms, of all threads of the family, as the scheduler counts it. */
function runMs(pid: number): number {
  const tasks = family(pid).flatMap((member) =>
    readdirSync(`/proc/${member}/task`).map((task) => `${member}/task/${task}`),
  );
  return tasks.reduce((sum, task) => sum + runNs(task), 0) / NS_PER_MS;
}

/** A thread that has just ended counts no more. */
function runNs(task: string): number {
  try {
    return Number(readFileSync(`/proc/${task}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return 0;
  }
}

/** A process and its descendants. */
function family(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap(
    (task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").match(/\d+/g) ?? [],
  );
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}
