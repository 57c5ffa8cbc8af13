/** The verdicts on a member, of its link and of its probes, and what they entail: see the tables in `interface-state.ts`. */
import { awaitsPort, type Group, hasLinkUp, isActive, isFunctioning, type Member, nameOf } from "../group.ts";
import type { StateReason } from "../memory.ts";
import { beginOpinion, forgetGroupProbes, forgetRoundTrips, isOpinionPending } from "../probing/effects.ts";
import { isCapable, isProbed } from "../probing/instance.ts";
import { isTransitive } from "../probing/transitive.ts";
import {
  ANSWERS_TO_REPAIR,
  ANSWERS_TO_RETURN,
  acceptReturn,
  failureVerdict,
  isRepairedByProbes,
} from "../probing/verdict.ts";
import { heldDownMs, noteRepair, noteUp } from "./flapping.ts";
import { isStarting, reportGroupState } from "./group-state.ts";
import { twinOf } from "./hardware-addresses.ts";
import { hasFailed, isOffline } from "./interface-state.ts";
import { canStandIn, trustedAt, waitForPort } from "./late-ports.ts";
import { type MembershipContext, move } from "./states.ts";

function isProbedAtAll({ instances }: Member): boolean {
  return isProbed(instances[4]) || isProbed(instances[6]);
}

/**
 * Does it take answers to repair it? While it is offline it is not probed: that its link is up does not tell whether it would be
 * answered by then. And whom its link alone has failed its link alone repairs, where there is nobody to probe.
 */
function isRepairedByAnswers(group: Group, member: Member): boolean {
  const { state, instances, configuration } = member;
  if (isOffline(state)) return configuration.testAddresses.length > 0 || isTransitive(group);
  if (isCapable(instances[4]) || isCapable(instances[6])) return true;
  return isProbedAtAll(member) && isFailedByProbes(member);
}

function isFailedByProbes({ failedFor }: Member): boolean {
  return failedFor === "probes-lost" || failedFor === "group-failure";
}

/** The link of `member` is down. With nobody else working it is the group that failed, and only the group's line is due. */
export function failByLink(group: Group, member: Member, reason: StateReason, context: MembershipContext): void {
  const wasOffline = isOffline(member.state);
  // Its repair was held down, or waited for its switch port; now there is none.
  if (member.reason === "flapping" || awaitsPort(member)) member.reason = reason;
  if (!move(group, member, "failed", reason, context)) return;
  if (!wasOffline && hasLine(group, member, context)) logFailure(group, member, context);
}

/** Alone it failed: others work, or the group is not there yet, and so can not have failed. */
function hasLine(group: Group, member: Member, context: MembershipContext): boolean {
  return group.anonymous || othersWork(group, member) || isStarting(group, context);
}

/** A member without targets counts: its link is up, and nothing speaks against it (the original failed it along). */
function othersWork(group: Group, member: Member): boolean {
  return group.members.some(
    (other) => other !== member && hasLinkUp(other) && (isFunctioning(other) || canStandIn(other)),
  );
}

function logFailure(group: Group, member: Member, { log }: MembershipContext): void {
  log({ id: "interface-failed", interface: nameOf(member), group: group.configuration.name });
}

/** What the probes of each member say by now. */
export function judgeProbes(group: Group, context: MembershipContext): void {
  for (const member of group.members) {
    followTargets(group, member, context);
    if (isFunctioning(member) && hasLinkUp(member)) judgeFailure(group, member, context);
  }
  repairAll(group, context);
}

/**
 * The first one that is good again brings back with it all that are answered by then as well, save those that were judged by
 * their own probes. So the data stays where it is: one after the other they would hand it round. Who carries it comes first,
 * and of those that wait for their switch ports the one that has waited longest.
 */
function repairAll(group: Group, context: MembershipContext): void {
  const failed = !group.members.some(isFunctioning);
  const returns = failed && group.members.some((one) => hasFailed(one.state) && isRepairedByProbes(group, one));
  const waitsUntil = (member: Member) => trustedAt(group, member) ?? 0;
  const inOrder = [...group.members].sort(
    (left, right) => Number(right.lastResort) - Number(left.lastResort) || waitsUntil(left) - waitsUntil(right),
  );
  for (const member of inOrder) tryRepair(group, member, context, returns);
}

/** Does it have anybody to probe, if it is probed at all? */
function followTargets(group: Group, member: Member, context: MembershipContext): void {
  const { instances, reason } = member;
  if (!isProbedAtAll(member)) move(group, member, "probing-ended", reason, context);
  else if (isCapable(instances[4]) || isCapable(instances[6]))
    move(group, member, "targets-found", foundReason(member), context);
  else move(group, member, "targets-lost", hasFailed(member.state) ? reason : "no-targets", context);
}

function foundReason({ state, reason }: Member): StateReason {
  return state === "no-targets" ? "repaired" : reason;
}

/** The next verdict on it will be that it has failed, alone. */
export function isDoomed(group: Group, member: Member): boolean {
  return isFunctioning(member) && failureVerdict(group, member) === "interface";
}

function judgeFailure(group: Group, member: Member, context: MembershipContext): void {
  const verdict = failureVerdict(group, member);
  if (verdict === "none") return;
  if (verdict !== "interface") {
    const accused = verdict === "targets" ? nameOf(member) : "";
    if (isOpinionPending(group, context.now) || beginOpinion(group, context, accused)) return;
  }
  if (verdict === "group") failGroup(group, context);
  else failAlone(group, member, context);
}

function failAlone(group: Group, member: Member, context: MembershipContext): void {
  move(group, member, "failed", "probes-lost", context);
  forgetRoundTrips(member);
  logFailure(group, member, context);
}

/** Nobody's probes are answered: all are judged together, and nothing moves, since no member is better than another. */
function failGroup(group: Group, context: MembershipContext): void {
  const failing = group.members.filter(isFunctioning);
  const active = new Set(failing.filter(isActive));
  for (const member of group.members) member.lastResort = active.has(member);
  for (const member of failing) {
    member.inactive = true;
    move(group, member, "failed", "group-failure", context);
  }
  forgetGroupProbes(group, context.now);
}

/**
 * Repairs `member` where it has failed, everything speaks for it, and the repair is not held down. `groupReturns`: of a member whose
 * own path was not found dead less is asked.
 */
export function tryRepair(group: Group, member: Member, context: MembershipContext, groupReturns = false): void {
  const { now, log } = context;
  const { flaps, reason } = member;
  const { flapLimit, name } = group.configuration;
  if (!hasFailed(member.state) || !hasLinkUp(member)) return;
  // It is about to be taken offline: another one carries the data by now.
  if (!isOffline(member.state) && twinOf(group, member) !== undefined) return;
  const answersNeeded = groupReturns && reason !== "probes-lost" ? ANSWERS_TO_RETURN : ANSWERS_TO_REPAIR;
  const byAnswers = isRepairedByAnswers(group, member);
  if (byAnswers && !isRepairedByProbes(group, member, answersNeeded)) return;
  // Targets that come and go say nothing against the member, and nothing moves by it.
  if (!flaps.counted && reason !== "group-failure") noteUp(flaps, flapLimit, now);
  const heldForMs = heldDownMs(flaps, flapLimit, now);
  if (heldForMs > 0) {
    if (!isOffline(member.state)) member.reason = "flapping";
    if (!flaps.told && flapLimit !== undefined) {
      const byLink = !isFailedByProbes(member);
      log({ id: "flapping", interface: nameOf(member), group: name, ...flapLimit, heldForMs, byLink });
    }
    flaps.told = true;
    return;
  }
  if (!byAnswers && waitForPort(group, member, context)) return;
  // One that has never functioned is as good as new.
  move(group, member, "repaired", "repaired", context, member.failedFor === "link-up-delay" ? "new" : "repaired");
  noteRepair(flaps);
  acceptReturn(group, member, now);
  log({ id: "interface-repaired", interface: nameOf(member), group: name });
  // Others may be repaired in the same step: it is this one that has made the group usable.
  reportGroupState(group, context);
}
