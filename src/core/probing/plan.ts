/** What the prober is to do. */
import type { PlannedTarget, ProbePlan } from "../actions.ts";
import type { Group, Member } from "../group.ts";
import { isOffline } from "../members/interface-state.ts";
import { isUp } from "../members/links.ts";
import { admitsStandIns, isInDoubt } from "./effects.ts";
import { type Instance, instancesOf, isProbed } from "./instance.ts";
import { timeoutOf } from "./pacing.ts";

/** One plan per instance that can be probed now; failed members and those in reserve are probed like all others. */
export function probePlans(group: Group): ProbePlan[] {
  return group.members.flatMap((member) => instancesOf(member).flatMap((instance) => planOf(group, member, instance)));
}

function planOf(group: Group, member: Member, instance: Instance): ProbePlan[] {
  const { detection, opinionUntil } = group;
  const { link, state } = member;
  if (link === undefined || !isUp(link) || isOffline(state)) return [];
  if (!isProbed(instance) || !instance.usable) return [];
  const { testAddress, family, targets, askingSince } = instance;
  const { intervalMs, detectionIntervalMs } = detection;
  const doubted = opinionUntil !== undefined || (admitsStandIns(group) && isInDoubt(instance));
  const discover = doubted || askingSince !== undefined || wantsHosts(instance);
  const source = testAddress.address;
  return [
    {
      ...{ index: link.index, family, method: "echo" as const, source, intervalMs, detectionIntervalMs, discover },
      targets: targets.active.map(({ address, roundTrip }): PlannedTarget => {
        return { address, timeoutMs: timeoutOf(roundTrip, detectionIntervalMs) };
      }),
    },
  ];
}

/** Nobody is known, or one single host. */
function wantsHosts({ targets }: Instance): boolean {
  return targets.activeCount === 0 || (targets.hostCount === 1 && targets.activeCount === 1);
}
