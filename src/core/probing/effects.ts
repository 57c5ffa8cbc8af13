/** What verdicts entail for the probes, and the second opinion before the one on a whole group. */
import { type Group, groupState, hasLinkUp, isFunctioning, type Member } from "../group.ts";
import { isOffline } from "../members/interface-state.ts";
import { forgetReview } from "./answer-limit.ts";
import type { ProbingContext } from "./context.ts";
import { clearHistory, forgetWithoutTargets, type Instance, instancesOf, isCapable } from "./instance.ts";
import { failureVerdict, hasLost, type Verdict } from "./verdict.ts";

/** Hosts have so many detection steps for their answer. */
const OPINION_STEPS = 3;
/** The first may have left before the prober was told to ask them. */
const LOSSES_TO_HAVE_HEARD = 2;

/** The link of `member` went down, or away: what was answered before must not help to repair it, nor what is under way. */
export function forgetProbes(member: Member, now: number): void {
  for (const instance of instancesOf(member)) clearHistory(instance, now);
}

/** It failed: how long its targets took to answer before says nothing of later. */
export function forgetRoundTrips(member: Member): void {
  for (const { targets } of instancesOf(member)) targets.forgetRoundTrips();
}

/** The whole group failed: hosts may have gone home, others are asked for; named targets are kept. */
export function forgetGroupProbes(group: Group, now: number): void {
  group.opinionUntil = undefined;
  group.opinionTold = false;
  for (const member of group.members) {
    if (!isOffline(member.state)) forgetRoundTrips(member);
    for (const instance of instancesOf(member)) {
      instance.targets.dropHosts(now);
      forgetWithoutTargets(instance, now);
      forgetReview(instance);
    }
  }
}

/**
 * Hosts are being asked, and have time left. That the time is over means nothing by itself, since it may be we who are late: probes
 * that left after the asking must have been lost by then, and what came in before they were judged has been heard.
 */
export function isOpinionPending(group: Group, now: number): boolean {
  const { opinionUntil, detection } = group;
  if (opinionUntil === undefined) return false;
  const askedAt = opinionUntil - OPINION_STEPS * detection.detectionIntervalMs;
  const isHeard = (instance: Instance) => instance.history.lostSince(askedAt) >= LOSSES_TO_HAVE_HEARD;
  return now < opinionUntil || !group.members.some((member) => instancesOf(member).some(isHeard));
}

/**
 * No named target answers anybody, or none answers the member called `name`. They may be dead, not the group, nor that member: other
 * hosts are asked before it is judged. False where hosts have been asked already, or are the targets that do not answer.
 */
export function beginOpinion(group: Group, { now, log }: Pick<ProbingContext, "now" | "log">, name = ""): boolean {
  const isOver = group.opinionUntil !== undefined;
  group.opinionUntil = undefined;
  if (isOver || !group.members.some((member) => hasOnlyNamedTargets(member))) return false;
  group.opinionUntil = now + OPINION_STEPS * group.detection.detectionIntervalMs;
  if (!group.opinionTold) log({ id: "asking-hosts", group: group.configuration.name, interface: name });
  group.opinionTold = true;
  return true;
}

function hasOnlyNamedTargets(member: Member): boolean {
  return isFunctioning(member) && hasLinkUp(member) && instancesOf(member).some(isInDoubt);
}

/** None of its named targets answers, and no host was asked yet. */
export function isInDoubt(instance: Instance): boolean {
  return isCapable(instance) && hasLost(instance) && instance.targets.hostCount === 0;
}

/** Hosts may stand in for dead targets: before the group is judged, and as long as it has failed. */
export function admitsStandIns(group: Group): boolean {
  return group.opinionUntil !== undefined || groupState(group) === "failed";
}

/** Ends the asking once nobody is left for whom it is to be known whether it is the targets that are dead. */
export function reviewOpinion(group: Group): void {
  if (group.opinionUntil === undefined) return;
  const isOpen = (verdict: Verdict) => verdict === "group" || verdict === "targets";
  const accused = group.members.some((one) => isFunctioning(one) && isOpen(failureVerdict(group, one)));
  if (!accused) group.opinionUntil = undefined;
}
