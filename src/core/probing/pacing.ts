/** Fits the pace of the probes to how long their targets take to answer. */
import { type Group, isFunctioning, type Member, nameOf } from "../group.ts";
import type { ProbingContext } from "./context.ts";
import { type Instance, instancesOf, isCapable, setAside } from "./instance.ts";
import type { RoundTrip } from "./round-trip.ts";
import type { Target } from "./targets.ts";
import { ANSWERS_TO_REPAIR, lumpMs } from "./verdict.ts";

/** A slow target is an exception only beside so many others, all of them at least twice as fast as needed. */
const LEAST_OTHERS = 3;
/** Time limits are whole multiples of this part of the detection step, so that plans seldom change. */
const LIMIT_PARTS = 8;

/** An answer that takes longer (ms) is late. Never less than half a step: there is time. Before the first sample: all of it. */
export function timeoutOf({ conservativeMs }: RoundTrip, detectionIntervalMs: number): number {
  if (conservativeMs === 0) return detectionIntervalMs;
  const parts = Math.ceil((conservativeMs * LIMIT_PARTS) / detectionIntervalMs);
  return (detectionIntervalMs * Math.min(LIMIT_PARTS, Math.max(LIMIT_PARTS / 2, parts))) / LIMIT_PARTS;
}

/**
 * `target` was just measured. Too slow: it is left out while others are fast, or the failure detection time of the group is
 * raised. Fast, like all the others: a raised time comes down. True where the probe plan changes.
 */
export function followRoundTrip(
  group: Group,
  member: Member,
  instance: Instance,
  target: Target,
  context: ProbingContext,
): boolean {
  const { detection } = group;
  const { conservativeMs } = target.roundTrip;
  if (conservativeMs > detection.detectionIntervalMs) return slowDown(group, member, instance, target, context);
  tellFast(group, member, instance, target, context);
  if (!detection.mayBeLowered(context.now) || !isFast(target, detection.detectionIntervalMs)) return false;
  return speedUp(group, member, instance, context);
}

function slowDown(
  group: Group,
  member: Member,
  instance: Instance,
  target: Target,
  { now, log }: ProbingContext,
): boolean {
  const { detection } = group;
  const { conservativeMs } = target.roundTrip;
  if (isDispensable(group, instance, target)) {
    setAside(instance, target, "slow", now);
    if (!target.isKnownToBeSlow)
      log({ id: "target-too-slow", ...namesOf(group, member, instance), target: target.address });
    target.isKnownToBeSlow = true;
    return true;
  }
  if (!detection.raise(conservativeMs, now)) return false;
  tellDetectionTime("detection-time-raised", group, member, instance, log);
  return true;
}

/** It was too slow, and has been in time ten times in a row. */
function tellFast(group: Group, member: Member, instance: Instance, target: Target, { log }: ProbingContext): void {
  if (!target.isKnownToBeSlow) return;
  if (instance.history.answeredRunOf(target.address, lumpMs(group.detection)) < ANSWERS_TO_REPAIR) return;
  target.isKnownToBeSlow = false;
  log({ id: "target-in-time", ...namesOf(group, member, instance), target: target.address });
}

/** Others do as well: several that are fast, or any at all where the target needs more than the time can be raised to. */
function isDispensable({ detection }: Group, { targets }: Instance, target: Target): boolean {
  const others = targets.active.filter((other) => other !== target);
  if (detection.exceedsCap(target.roundTrip.conservativeMs)) return others.length > 0;
  const limitMs = detection.detectionIntervalMs / 2;
  return others.length >= LEAST_OTHERS && others.every(({ roundTrip }) => roundTrip.conservativeMs <= limitMs);
}

function speedUp(group: Group, member: Member, instance: Instance, { log }: ProbingContext): boolean {
  const { detection, members } = group;
  const judged = members.filter(isFunctioning).flatMap((one) => instancesOf(one).filter(isCapable));
  const stepMs = detection.detectionIntervalMs;
  if (!judged.every(({ targets }) => targets.active.every((target) => isFast(target, stepMs)))) return false;
  detection.lower();
  tellDetectionTime("detection-time-lowered", group, member, instance, log);
  return true;
}

/** So much faster than needed that half the time would do, too. */
function isFast({ roundTrip }: Target, detectionIntervalMs: number): boolean {
  return roundTrip.conservativeMs <= detectionIntervalMs / 4;
}

/** Of the anonymous group nothing is said, as in Solaris. */
function tellDetectionTime(
  id: "detection-time-raised" | "detection-time-lowered",
  group: Group,
  member: Member,
  instance: Instance,
  log: ProbingContext["log"],
): void {
  const { configuredMs, effectiveMs } = group.detection;
  if (!group.anonymous) log({ id, ...namesOf(group, member, instance), configuredMs, effectiveMs });
}

/** What every message about one instance carries. */
export function namesOf(group: Group, member: Member, { family }: Instance) {
  return { interface: nameOf(member), group: group.configuration.name, family } as const;
}
