/** Whom the machine wants to be probed, one readable line per family of an interface. */
import type { ProbePlan } from "../../src/core/actions.ts";
import type { Snapshot, TargetSnapshot } from "../../src/core/snapshot.ts";
import type { SimulatedKernel } from "../support/simulated-kernel.ts";

/** Lines of those that are new, different or gone. Timeouts change with every measurement, and are left out. */
export function describePlanChange(
  kernel: SimulatedKernel,
  before: readonly ProbePlan[],
  after: readonly ProbePlan[],
): string[] {
  const known = new Set(before.map((plan) => describePlan(kernel, plan)));
  const named = new Set(after.map((plan) => instanceName(kernel, plan)));
  const gone = before.map((plan) => instanceName(kernel, plan)).filter((name) => !named.has(name));
  const changed = after.map((plan) => describePlan(kernel, plan)).filter((line) => !known.has(line));
  return [...changed, ...gone.map((name) => `${name} no more`)].map((line) => `probe ${line}`);
}

/** The whole plan in force, timeouts included. */
export function describePlans(kernel: SimulatedKernel, plans: readonly ProbePlan[]): string[] {
  const limits = (plan: ProbePlan) =>
    plan.targets.map(({ address, timeoutMs }) => `; ${address} is late after ${seconds(timeoutMs)}`).join("");
  return plans.length === 0 ? ["nothing"] : plans.map((plan) => describePlan(kernel, plan) + limits(plan));
}

function describePlan(kernel: SimulatedKernel, plan: ProbePlan): string {
  const { intervalMs, detectionIntervalMs, method, source, targets, discover } = plan;
  const measured = intervalMs === detectionIntervalMs ? "" : `, measured every ${seconds(intervalMs)}`;
  const asked = [...targets.map(({ address }) => address), ...(discover ? ["all hosts"] : [])];
  const rhythm = `every ${seconds(detectionIntervalMs)}${measured}`;
  const sender = method === "arp" ? "by ARP" : `from ${source}`;
  return `${instanceName(kernel, plan)} ${rhythm} ${sender}: ${asked.join(", ") || "nobody"}`;
}

function instanceName(kernel: SimulatedKernel, { index, family }: ProbePlan): string {
  return `${kernel.nameOf(index)} ${familyName(family)}`;
}

/** What `ipmpstat -t` would say, with the state of each target. */
export function describeTargets({ targets }: Snapshot): string[] {
  return targets.map(({ interface: name, family, mode, testAddress, targets: asked }) => {
    const from = testAddress === null ? "" : ` from ${testAddress}`;
    const list = asked.map(describeTarget).join(", ");
    return `${name} ${family === null ? "--" : familyName(family)} ${mode}${from}: ${list || "--"}`;
  });
}

function describeTarget({ address, kind, state, meanMs, deviationMs }: TargetSnapshot): string {
  const measured = meanMs === null ? "" : ` ${meanMs.toFixed(2)} ms +- ${(deviationMs ?? 0).toFixed(2)}`;
  return `${address} (${kind}) ${state}${measured}`;
}

function familyName(family: 4 | 6): string {
  return family === 4 ? "inet" : "inet6";
}

/** Milliseconds as seconds, without rounding away what counts. */
export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds) / 1000} s`;
}
