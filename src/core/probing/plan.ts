/** What the prober is to do. */
import type { PlannedTarget, ProbeMethod, ProbePlan } from "../actions.ts";
import type { AddressPrefix } from "../configuration.ts";
import { awaitsPort, type Group, hasLinkUp, type Member } from "../group.ts";
import { isOffline } from "../members/interface-state.ts";
import { isUp } from "../members/links.ts";
import { admitsStandIns, isInDoubt } from "./effects.ts";
import { type Instance, instancesOf, isProbed } from "./instance.ts";
import { timeoutOf } from "./pacing.ts";
import { isOnLink } from "./test-address.ts";

/** The sender that ARP requests name who have none (RFC 5227): nobody learns anything from them. */
export const NO_ADDRESS = "0.0.0.0";

/** One plan per instance that can be probed now; failed members and those in reserve are probed like all others. */
export function probePlans(group: Group): ProbePlan[] {
  const probes = group.members.flatMap((member) =>
    instancesOf(member).flatMap((instance) => planOf(group, member, instance)),
  );
  return [...probes, ...enquiriesOf(group)];
}

/** Members that wait for their switch ports ask neighbours. */
function enquiriesOf({ members }: Group): ProbePlan[] {
  return members.flatMap((member) => (awaitsPort(member) && hasLinkUp(member) ? member.enquiries : []));
}

function planOf(group: Group, member: Member, instance: Instance): ProbePlan[] {
  const { detection } = group;
  const { link, state } = member;
  if (link === undefined || !isUp(link) || isOffline(state)) return [];
  if (!isProbed(instance)) return [];
  const { family, targets } = instance;
  const { intervalMs, detectionIntervalMs } = detection;
  const from = senderOf(group, instance);
  const method: ProbeMethod = from === undefined ? "arp" : "echo";
  if (from === undefined && !canAskByArp(instance)) return [];
  const near = from === undefined ? targets.active : targets.active.filter(({ address }) => isOnLink(address, from));
  return [
    {
      ...{ index: link.index, family, method, source: from?.address ?? NO_ADDRESS, intervalMs, detectionIntervalMs },
      discover: from !== undefined && isCurious(group, instance),
      targets: near.map(({ address, roundTrip }): PlannedTarget => {
        return { address, timeoutMs: timeoutOf(roundTrip, detectionIntervalMs) };
      }),
    },
  ];
}

/** The address that echo requests leave from; undefined where none can. */
export function senderOf(group: Group, instance: Instance): AddressPrefix | undefined {
  const { testAddress, transitive, usable, targets } = instance;
  if (testAddress !== undefined) return usable ? testAddress : undefined;
  const from = transitive?.from;
  // All hosts can be asked by echo only.
  if (from === undefined || isCurious(group, instance)) return from;
  const { active } = targets;
  const isNear = active.length === 0 || active.some(({ address }) => isOnLink(address, from));
  return isNear && transitive?.echo !== "silent" ? from : undefined;
}

/** Without an address of its own a member can still ask somebody whom it knows. */
function canAskByArp({ family, transitive, targets }: Instance): boolean {
  return family === 4 && transitive !== undefined && targets.activeCount > 0;
}

/** All hosts are to be asked. */
function isCurious(group: Group, instance: Instance): boolean {
  const doubted = group.opinionUntil !== undefined || (admitsStandIns(group) && isInDoubt(instance));
  return doubted || instance.askingSince !== undefined || wantsHosts(instance);
}

/** Nobody is known, or one single host. */
function wantsHosts({ targets }: Instance): boolean {
  return targets.activeCount === 0 || (targets.hostCount === 1 && targets.activeCount === 1);
}
