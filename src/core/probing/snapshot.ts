/** What people and tools get to see of the probes. */
import type { Family } from "../configuration.ts";
import { type Group, hasLinkUp, type Member, nameOf } from "../group.ts";
import type { FamilyProbeSnapshot, ProbeState, ProbeTargetsSnapshot, TargetMode, TargetSnapshot } from "../snapshot.ts";
import { type Instance, instancesOf, isCapable, isProbed } from "./instance.ts";
import { senderOf } from "./plan.ts";
import type { Target } from "./targets.ts";

/** Is any member of the group probed? Only then a failure detection time means something. */
export function isGroupProbed({ members }: Group): boolean {
  return members.some((member) => instancesOf(member).some(isProbed));
}

/** Failed only where probes were lost: of a link that is down they tell nothing (the original showed failed). */
export function probeState(member: Member, instance: Instance): ProbeState {
  if (!isProbed(instance)) return "disabled";
  if (!isCapable(instance) || !hasLinkUp(member)) return "unknown";
  if (instance.failed) return "failed";
  // What the kernel does not send proves nothing.
  return instance.refusal === "" ? "ok" : "unknown";
}

/** That of the whole member: one family counts as the group wants it. */
export function memberProbeState(group: Group, member: Member): ProbeState {
  const states = instancesOf(member).map((instance) => probeState(member, instance));
  const capable = states.filter((state) => state === "ok" || state === "failed");
  if (capable.length === 0) return states.includes("unknown") ? "unknown" : "disabled";
  if (group.configuration.failOn === "any-family") return capable.includes("failed") ? "failed" : "ok";
  return capable.includes("ok") ? "ok" : "failed";
}

/** Per family that has a test address, or needs none. `timeOf` turns monotonic ms into the texts that people read. */
export function familyProbes(member: Member, timeOf: (monotonicMs: number) => string): FamilyProbeSnapshot[] {
  const instances = instancesOf(member).filter((one) => isProbed(one) || one.duplicate);
  return instances.map((instance) => {
    const { lastAnswerAt, ...counts } = instance.counters;
    return {
      family: instance.family,
      probe: probeState(member, instance),
      ...counts,
      lastAnswer: lastAnswerAt === undefined ? null : timeOf(lastAnswerAt),
    };
  });
}

/** IPv4 unless only IPv6 is probed; IPv6 where it is probed; one row where neither is. */
export function probeTargets(group: Group, member: Member): ProbeTargetsSnapshot[] {
  const rows = instancesOf(member)
    .filter(isProbed)
    .map((instance) => targetsRow(group, member, instance));
  if (rows.length > 0) return rows;
  return [{ interface: nameOf(member), family: null, mode: "disabled", testAddress: null, targets: [] }];
}

function targetsRow(group: Group, member: Member, instance: Instance): ProbeTargetsSnapshot {
  const { family, testAddress, targets } = instance;
  const { all, active } = targets;
  const idle = all.filter((target) => !active.includes(target));
  const source = testAddress ?? senderOf(group, instance);
  return {
    interface: nameOf(member),
    family,
    mode: targetMode(instance),
    testAddress: source?.address ?? null,
    targets: [...active, ...idle].map(targetSnapshot),
  };
}

function targetMode({ transitive, targets }: Instance): TargetMode {
  if (transitive !== undefined) return "transitive";
  return targets.hasNamed && targets.hostCount === 0 ? "routes" : "multicast";
}

function targetSnapshot({ address, kind, state, isFoundDead, roundTrip }: Target): TargetSnapshot {
  const shown = isFoundDead ? "dead" : state;
  return { address, kind, state: shown, meanMs: roundTrip.meanMs ?? null, deviationMs: roundTrip.deviationMs ?? null };
}

/** One target of that member, as it is now. */
export function targetOf(member: Member | undefined, family: Family, address: string): TargetSnapshot | undefined {
  const target = member?.instances[family].targets.get(address);
  return target === undefined ? undefined : targetSnapshot(target);
}
