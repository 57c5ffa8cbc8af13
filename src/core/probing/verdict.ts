/** What the probes of a member say: has it failed, or the whole group, or is it good again? */
import { type Group, hasLinkUp, isFunctioning, type Member } from "../group.ts";
import type { DetectionTime } from "./detection-time.ts";
import { type Instance, instancesOf, isCapable, isProbed, isQuiet } from "./instance.ts";
import { isDead, LOSSES_TO_FAIL } from "./shared-losses.ts";
import { reaches } from "./test-address.ts";

/** So many in a row answered: the path is good again. */
export const ANSWERS_TO_REPAIR = 10;
/** The same once another member of the failed group is good again: the targets answer, and it is answered, too. */
export const ANSWERS_TO_RETURN = 5;

/**
 * `group`: nobody's probes are answered, so nothing speaks against this member more than against any other. `targets`: others are
 * answered, but by targets that it could ask and does not: its own may be what is dead.
 */
export type Verdict = "none" | "interface" | "targets" | "group";

/** The latest five of its probes, or more, were lost, for whatever reason. */
export function hasLost({ history }: Instance): boolean {
  return history.lostRun() >= LOSSES_TO_FAIL;
}

/**
 * Answers that are not so far apart (ms) came in one lump: probes leave at least half a step apart, and so come their answers, but
 * for those that had to wait for each other.
 */
export function lumpMs({ intervalMs }: Pick<DetectionTime, "intervalMs">): number {
  return intervalMs / 4;
}

/** Its latest ten were answered, or the latest ten of the target that was asked last: another target may be dead. */
export function hasAnswered({ detection }: Group, { history }: Instance, answersNeeded = ANSWERS_TO_REPAIR): boolean {
  const apartMs = lumpMs(detection);
  const run = Math.max(history.answeredRun(apartMs), history.answeredRunOf(history.latestTarget, apartMs));
  return run >= answersNeeded;
}

/** The instances of `member` whose probes can tell something. */
function capableOf(member: Member): Instance[] {
  return instancesOf(member).filter(isCapable);
}

/** By its probes alone; a member whose link is down is not judged by them. */
export function failureVerdict(group: Group, member: Member): Verdict {
  if (!hasLinkUp(member)) return "none";
  const accusing = accusers(group, member);
  if (accusing.length === 0) return "none";
  if (group.anonymous) return "interface";
  const better = group.members.filter((other) => other !== member && isBetterOff(group, other, accusing));
  if (better.length === 0) return "group";
  return better.some((other) => isComparable(member, other, accusing)) ? "interface" : "targets";
}

/** The instances that speak against `member`, if that is enough: all that can be probed, or one, as the group wants it. */
function accusers(group: Group, member: Member): Instance[] {
  const capable = capableOf(member);
  const lost = capable.filter((instance) => isDead(group, instance));
  const excuses = capable.some((instance) => !lost.includes(instance) && canExcuse(instance, lost));
  if (group.configuration.failOn === "all-families" && excuses) return [];
  return lost.every(isQuiet) ? [] : lost;
}

/** It can be asked, or has been answered since the losses of the others began: else nothing lost is no sign of life. */
function canExcuse(instance: Instance, accusing: readonly Instance[]): boolean {
  return canBeAsked(instance) || instance.history.lastAnswerAt > firstLossOf(accusing);
}

/** Its test address is there, if it has one. */
function canBeAsked({ testAddress, usable }: Instance): boolean {
  return testAddress === undefined || usable;
}

/** The targets answer `other`, so it is not they that are dead; or it is not probed, and nothing speaks against it. */
function isBetterOff(group: Group, other: Member, accusing: readonly Instance[]): boolean {
  if (!isFunctioning(other) || !hasLinkUp(other)) return false;
  const mine = instancesOf(other);
  if (!mine.some(isProbed)) return true;
  if (other.state !== "running") return false;
  const firstLossAt = firstLossOf(accusing);
  // With one dead family being enough, the answers of the other one are no comfort, unless it is the only one that is probed.
  const same = mine.filter(
    (instance) => isProbed(instance) && accusing.some(({ family }) => family === instance.family),
  );
  const comparable = group.configuration.failOn === "any-family" && same.length > 0 ? same : mine;
  return comparable.some((instance) => isCapable(instance) && instance.history.lastAnswerAt > firstLossAt);
}

function firstLossOf(accusing: readonly Instance[]): number {
  return Math.min(...accusing.map(({ history }) => history.firstLossAt()));
}

/**
 * Did somebody answer `other` who is a target of `member`, too, or can not be one? Or is `other` not probed? Answers in another family
 * than those that speak against `member` tell nothing where that has them, too, nor where `other` waits as vainly for any in these.
 */
function isComparable(member: Member, other: Member, accusing: readonly Instance[]): boolean {
  const firstLossAt = firstLossOf(accusing);
  const isShared = (own: Instance) => (target: string) =>
    !isCapable(own) || !reaches(own, target) || own.targets.get(target) !== undefined;
  const theirs = instancesOf(other).filter(isProbed);
  const isAlikeSilent = accusing.every(({ family }) => isSilentSince(other.instances[family], firstLossAt));
  return (
    theirs.length === 0 ||
    theirs.some((instance) => {
      const own = member.instances[instance.family];
      if (!accusing.includes(own) && (isAlikeSilent || isCapable(own))) return false;
      return instance.history.isAnsweredSince(firstLossAt, isShared(own));
    })
  );
}

function isSilentSince(instance: Instance, time: number): boolean {
  const { history } = instance;
  return isCapable(instance) && history.lostRun() > 0 && history.lastAnswerAt <= time;
}

/** Ten answers in a row; by one family or by all that can be probed, as the group wants it. */
export function isRepairedByProbes(group: Group, member: Member, answersNeeded = ANSWERS_TO_REPAIR): boolean {
  const capable = capableOf(member);
  if (!hasLinkUp(member) || capable.length === 0) return false;
  const answers = (instance: Instance) => hasAnswered(group, instance, answersNeeded);
  if (group.configuration.failOn === "any-family") return capable.every(answers);
  // What was answered before the test address went is no news.
  return capable.some((instance) => canBeAsked(instance) && answers(instance));
}

/** It returned with its group: what was lost before is over. */
export function acceptReturn(group: Group, member: Member, now: number): void {
  for (const instance of instancesOf(member)) {
    instance.history.endFailure(now);
    if (hasAnswered(group, instance, ANSWERS_TO_RETURN)) instance.failed = false;
  }
}
