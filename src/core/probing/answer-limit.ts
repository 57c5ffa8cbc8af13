/**
 * Targets that answer only so often. Where every member loses part of its probes, and not just one of them, it is no path that is bad:
 * hosts and routers limit how many echo requests they answer, or the medium loses some of everything. Probing slows down by halves as long
 * as that helps, tries the old pace again ever more seldom, and is told once at its beginning and once at its end.
 */
import { type Group, groupState, hasLinkUp } from "../group.ts";
import { isOffline } from "../members/interface-state.ts";
import type { ProbingContext } from "./context.ts";
import type { Losses } from "./history.ts";
import { type Instance, instancesOf, isCapable, isQuiet, setAside } from "./instance.ts";
import { type Counts, lossesExpected, sumOf } from "./shared-losses.ts";
import type { Target } from "./targets.ts";

/** After so many counted probes of one instance it is looked at what all have lost. */
const REVIEW_PROBES = 20;
/** Fewer tell nothing. */
const LEAST_PROBES = 10;
/** A share of losses that everybody has to have before it is taken for a limit. */
const LIMITED_SHARE = 0.2;
/** Below this all is well. */
const CALM_SHARE = 0.05;
/** A slower pace has helped where the share of answers has grown by this factor. */
const HELPFUL_FACTOR = 1.3;
/** So many losses of one target, and this share, while the others have hardly any, are its own limit. */
const TARGET_LOSSES = 3;
const TARGET_SHARE = 0.3;
/** After so long without losses the old pace is tried again; each time that it does not hold, twice as long, up to the most. */
const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;

const NO_LOSSES: Counts = { lost: 0, of: 0 };

export class AnswerLimit {
  /** It has been said that answers are limited. */
  told = false;
  /** Monotonic ms: what was sent before has been looked at. */
  reviewedAt = Number.NEGATIVE_INFINITY;
  /** What has to be reckoned with at the present pace: what was lost lately, or when it had to be slowed down. */
  losses: Counts = NO_LOSSES;
  /** What was lost when the pace had to be slowed down, by how often it had been doubled before. */
  readonly lossesAt: Counts[] = [];
  /** The pace has been slowed down, and whether that helped was not judged yet. */
  isOnTrial = false;
  /** Monotonic ms since when hardly anything is lost; infinity while much is. */
  calmSince = Number.POSITIVE_INFINITY;
  restMs = FIRST_REST_MS;
  /** Slowing down does not help: not before then (monotonic ms) is it tried again. */
  futileUntil = Number.NEGATIVE_INFINITY;
}

/** A counted probe of `instance` was answered or lost. True where the probe plan changes. */
export function followLosses(
  group: Group,
  instance: Instance,
  fate: "answered" | "lost",
  context: ProbingContext,
): boolean {
  const { sinceReview } = instance;
  sinceReview[fate]++;
  if (sinceReview.answered + sinceReview.lost < REVIEW_PROBES || group.anonymous) return false;
  const instances = judgedInstances(group);
  const changed = review(group, instances, context);
  for (const one of [instance, ...instances]) forgetReview(one);
  return changed;
}

/** What is counted begins anew. */
export function forgetReview({ sinceReview }: Instance): void {
  Object.assign(sinceReview, { answered: 0, lost: 0 });
}

function review(group: Group, instances: readonly Instance[], context: ProbingContext): boolean {
  const { limit } = group;
  if (groupState(group) === "failed") return reviewFailed(group, instances, context);
  const losses = instances.map((one) => ({ ...lossesOf(one, limit.reviewedAt), family: one.family }));
  const telling = losses.filter(({ of }) => of >= LEAST_PROBES);
  if (telling.length === 0) return false;
  const dropped = instances.map((one) => leaveOutLimited(one, context.now)).includes(true);
  limit.reviewedAt = context.now;
  const limited = telling.filter(({ family }) => telling.every((one) => one.family !== family || isMuch(one)));
  if (limited.length > 0) return slowDown(group, limited, context) || dropped;
  return relax(group, telling, context) || dropped;
}

/** Everybody is answered now and then, and not ten times in a row: as long as that stays so the group would never come back. */
function reviewFailed(group: Group, instances: readonly Instance[], context: ProbingContext): boolean {
  const heard = instances.filter(({ sinceReview }) => sinceReview.answered > 0);
  const isRare = ({ history, sinceReview: { answered, lost } }: Instance) =>
    lost > answered && (history.lostRun() > 0 || history.losses(group.limit.reviewedAt, context.now).runs > 1);
  if (heard.length === 0 || !heard.every(isRare)) return false;
  const losses = heard.map(({ sinceReview: { answered, lost } }) => ({ lost, of: answered + lost, runs: 1 }));
  group.limit.reviewedAt = context.now;
  return slowDown(group, losses, context);
}

/** Those whose losses tell of limits, failed ones included: a group comes back only once its probes are answered. */
function judgedInstances({ members }: Group): Instance[] {
  return members
    .filter((member) => hasLinkUp(member) && !isOffline(member.state))
    .flatMap((member) => instancesOf(member).filter((one) => isCapable(one) && !isQuiet(one)));
}

/** The losses of the present run are left out: they may be a failure. */
function lossesOf({ history }: Instance, since: number, except?: string): Losses {
  return history.losses(since, history.firstLossAt(), except);
}

/** One run of losses alone was an interruption. */
function isMuch({ lost, of, runs }: Losses): boolean {
  return runs > 1 && lost >= LIMITED_SHARE * of;
}

function answeredShare(all: readonly Counts[]): number {
  const { lost, of } = sumOf(all);
  return 1 - lost / of;
}

/** There were enough answers to tell whether their share has grown. */
function isConclusive({ lost, of }: Counts): boolean {
  return of - lost >= LEAST_PROBES;
}

/**
 * Twice as slow, and hardly more is answered: no limit, but a medium that loses some of everything. Where few answers tell of the time before,
 * chance can hide that it helped; not so once it is four times as slow.
 */
function isFutile({ limit, detection }: Group, lately: Counts): boolean {
  const { doublings } = detection;
  const before = limit.lossesAt[Math.max(0, doublings - 2)];
  if (!limit.isOnTrial || before === undefined || !isConclusive(lately)) return false;
  return (doublings > 1 || isConclusive(before)) && !hasHelped(before, lately);
}

function hasHelped(before: Counts, lately: Counts): boolean {
  return answeredShare([lately]) >= HELPFUL_FACTOR * answeredShare([before]);
}

/**
 * Verdicts take as long as fits the losses, and the time in force shows it. A pace that was too fast before may be so again, however well it
 * goes at first.
 */
function reckonWith(group: Group, lately: Counts): void {
  const { limit, detection } = group;
  const before = limit.lossesAt[detection.doublings] ?? NO_LOSSES;
  limit.losses = lossesExpected(group, before) > lossesExpected(group, lately) ? before : lately;
  detection.expectLosses(lossesExpected(group, limit.losses));
}

function slowDown(group: Group, limited: readonly Counts[], { now, log }: ProbingContext): boolean {
  const { limit, detection } = group;
  const lately = sumOf(limited);
  reckonWith(group, lately);
  if (!limit.told) {
    limit.told = true;
    log({ id: "answers-limited", group: group.configuration.name });
    // It has begun only lately: how much is answered shows in the next probes.
    return false;
  }
  if (limit.calmSince < now) limit.restMs = Math.min(2 * limit.restMs, LONGEST_REST_MS);
  limit.calmSince = Number.POSITIVE_INFINITY;
  if (now < limit.futileUntil) return false;
  if (isFutile(group, lately)) {
    limit.isOnTrial = false;
    limit.futileUntil = now + limit.restMs;
    limit.restMs = Math.min(2 * limit.restMs, LONGEST_REST_MS);
    speedUpAgain(group, lately);
    return true;
  }
  const { doublings } = detection;
  if (!detection.slowDown()) return false;
  limit.lossesAt[doublings] = lately;
  limit.isOnTrial = true;
  return true;
}

/** Back to the quickest pace at which as much was answered. */
function speedUpAgain(group: Group, lately: Counts): void {
  const { limit, detection } = group;
  do detection.speedUp();
  while (detection.isSlowedDown && !hasHelped(limit.lossesAt[detection.doublings - 1] as Counts, lately));
  reckonWith(group, lately);
}

/** Once hardly anything is lost any more the pace comes back step by step, and with the old pace it is over. */
function relax(group: Group, telling: readonly Losses[], { now, log }: ProbingContext): boolean {
  const { limit, detection } = group;
  limit.isOnTrial = false;
  if (!limit.told) return false;
  reckonWith(group, sumOf(telling));
  if (answeredShare(telling) < 1 - CALM_SHARE) {
    limit.calmSince = Number.POSITIVE_INFINITY;
    return false;
  }
  limit.calmSince = Math.min(limit.calmSince, now);
  if (now - limit.calmSince < limit.restMs) return false;
  if (detection.isSlowedDown) {
    detection.speedUp();
    reckonWith(group, NO_LOSSES);
    limit.calmSince = now;
    return true;
  }
  group.limit = new AnswerLimit();
  reckonWith(group, NO_LOSSES);
  log({ id: "answers-complete", group: group.configuration.name, effectiveMs: detection.effectiveMs });
  return false;
}

/** Of several targets one limits its answers, and the others do not: they do. */
function leaveOutLimited(instance: Instance, now: number): boolean {
  const all = lossesOf(instance, Number.NEGATIVE_INFINITY);
  if (all.lost < TARGET_LOSSES || instance.targets.activeCount < 2) return false;
  const limited = instance.targets.active.find((target) => isLimited(instance, target, all));
  if (limited === undefined) return false;
  setAside(instance, limited, "slow", now);
  return true;
}

function isLimited(instance: Instance, { address }: Target, all: Losses): boolean {
  const others = lossesOf(instance, Number.NEGATIVE_INFINITY, address);
  const [lost, of] = [all.lost - others.lost, all.of - others.of];
  if (lost < TARGET_LOSSES || lost < TARGET_SHARE * of) return false;
  return others.of > 0 && others.lost <= CALM_SHARE * others.of;
}
