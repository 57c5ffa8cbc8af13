/** Between the members as they are and what is kept of them over a restart. */
import { type Group, type Member, nameOf } from "../group.ts";
import type { Link } from "../kernel-state/kernel-objects.ts";
import type { MemberMemory } from "../memory.ts";
import { isCapable } from "../probing/instance.ts";
import { holdDown } from "./flapping.ts";
import { hasFailed, isOffline } from "./interface-state.ts";

/** Everything worth remembering; members that just work are not. */
export function memoriesOf(group: Group): MemberMemory[] {
  return group.members.map((member) => remember(group, member)).filter(isWorthKeeping);
}

function remember(group: Group, member: Member): MemberMemory {
  const { state, reason, failedFor, instances, since, flaps } = member;
  // It had somebody to answer for it: the next daemon may not know them at first, and must not repair it by its link.
  const isProbed = isCapable(instances[4]) || isCapable(instances[6]);
  return {
    group: group.configuration.name,
    interface: nameOf(member),
    offline: isOffline(state),
    failed: hasFailed(state),
    reason,
    failedFor: isProbed ? "probes-lost" : failedFor,
    since,
    ups: flaps.ups,
    heldDown: flaps.heldDown,
    ...linkUpOf(member),
  };
}

/** Of one that has failed its link may be what it waits for; who functions is trusted. */
function linkUpOf({ state, upSince, link }: Member): Pick<MemberMemory, "up"> {
  if (!hasFailed(state) || upSince === undefined || link === undefined) return {};
  return { up: { since: upSince, index: link.index, carrierLosses: link.carrierLosses } };
}

function isWorthKeeping({ offline, failed, ups, heldDown }: MemberMemory): boolean {
  return offline || failed || ups.length > 0 || heldDown > 0;
}

/** Takes over what an earlier daemon knew of a member that has just been configured. */
export function recall(group: Group, member: Member, memory: MemberMemory): void {
  const { flaps } = member;
  flaps.ups = [...memory.ups];
  flaps.heldDown = memory.heldDown;
  member.failedFor = memory.failedFor;
  if (memory.reason === "flapping") holdDown(flaps, group.configuration.flapLimit);
  if (memory.offline) recallOffline(member, memory);
  if (memory.failed) member.remembered = memory;
}

/** Before its link is seen: what an administrator did holds even while there is none. */
export function recallOffline(member: Member, { reason, since }: MemberMemory): void {
  Object.assign(member, { state: "offline-absent", reason, since });
}

/** The link of a member that had failed before a restart is there: it has failed still, and nothing is said of it again. */
export function restoreFailure(member: Member, { reason, since }: MemberMemory, linkUp: boolean): void {
  member.state = isOffline(member.state) ? "offline-failed" : "failed";
  // It waited for its switch port when its link was up, and waits no more.
  member.reason = reason === "link-up-delay" && !linkUp ? "link-down" : reason;
  member.since = since;
  member.linkUp = linkUp;
  // Its repair was counted, and the hold-down told, by the daemon before.
  member.flaps.counted = reason === "flapping";
  member.flaps.told = member.flaps.counted;
}

/**
 * Monotonic ms since when the link of a member is up that is up when it is found; undefined where that was before our time. It has come
 * before our eyes, or it had failed when an earlier daemon saw it: then it may be up only now, if it was not up all the time.
 */
export function upSinceFound({ absenceTold, remembered }: Member, link: Link, now: number): number | undefined {
  if (remembered === undefined) return absenceTold ? now : undefined;
  const { up } = remembered;
  return up?.index === link.index && up.carrierLosses === link.carrierLosses ? up.since : now;
}
