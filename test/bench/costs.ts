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
  const shares = await cpuPercentByRole(pid, durationMs);
  return ROLES.reduce((sum, role) => sum + shares[role], 0);
}

/** Our threads by what they do: probe, watch carriers and listen to the kernel, and all the others. */
const ROLES = ["prober", "watch", "rest"] as const;
export type ByRole = Record<(typeof ROLES)[number], number>;

/** The same by role; meaningful for our daemon only, and where it is in the real-time class. */
export async function cpuPercentByRole(pid: number, durationMs: number): Promise<ByRole> {
  const startedAt = performance.now();
  const before = runMs(pid);
  // Not a wait for something to happen: the length of the measurement.
  await pause(durationMs);
  const after = runMs(pid);
  const percent = 100 / (performance.now() - startedAt);
  const share = (role: keyof ByRole) => (after[role] - before[role]) * percent;
  return { prober: share("prober"), watch: share("watch"), rest: share("rest") };
}

/** Time on a processor so far, in ms, of all threads of the family, as the scheduler counts it. */
function runMs(pid: number): ByRole {
  const sums = { prober: 0, watch: 0, rest: 0 };
  for (const member of family(pid)) {
    for (const thread of readdirSync(`/proc/${member}/task`)) {
      const task = `${member}/task/${thread}`;
      sums[roleOf(task)] += runNs(task) / NS_PER_MS;
    }
  }
  return sums;
}

/** Place of the scheduling class behind the name, in proc(5)'s count; 0 is the ordinary one. */
const POLICY_FIELD = 41 - 3;

function roleOf(task: string): keyof ByRole {
  const [, name, rest = ""] = /^\d+ \((.*)\) (.*)/s.exec(textOf(`/proc/${task}/stat`)) ?? [];
  if (name === "ipmp-prober") return "prober";
  return Number(rest.split(" ")[POLICY_FIELD] ?? 0) === 0 ? "rest" : "watch";
}

function runNs(task: string): number {
  return Number(textOf(`/proc/${task}/schedstat`).split(" ")[0]);
}

/** A thread that has just ended counts no more. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
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
