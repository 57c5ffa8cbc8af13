/** Files what became of probes, and says what has to follow from it. It sees many thousand results per second. */
import { type Group, hasLinkUp, isFunctioning, type Member } from "../group.ts";
import { hasFailed } from "../members/interface-state.ts";
import type { ProbeStatus } from "../messages.ts";
import { followLosses } from "./answer-limit.ts";
import { followAstray } from "./astray.ts";
import type { ProbingContext } from "./context.ts";
import { admitsStandIns, isInDoubt, reviewOpinion } from "./effects.ts";
import { HISTORY_LENGTH, type ProbeFate } from "./history.ts";
import {
  clearHistory,
  type Instance,
  instancesOf,
  isCapable,
  isProbed,
  isQuiet,
  JUDGED,
  type StrayReply,
  setAside,
} from "./instance.ts";
import { followRoundTrip, namesOf, timeoutOf } from "./pacing.ts";
import { isProof } from "./port-proof.ts";
import type { ProbeResult } from "./results.ts";
import { isDead, LOSSES_TO_FAIL, lossesNeeded } from "./shared-losses.ts";
import type { Target } from "./targets.ts";
import { reaches } from "./test-address.ts";
import { isExcused, noteAnswer, noteExcused } from "./transitive.ts";
import { ANSWERS_TO_REPAIR, hasAnswered, hasLost, lumpMs } from "./verdict.ts";

export interface Consequence {
  /** The state of a member, or of the group, may have to change. */
  readonly judge: boolean;
  /** The probe plan is another one now. */
  readonly planChanged: boolean;
}

/** Stray replies of one kind to one instance are told so seldom; all of them are counted. */
const STRAY_REST_MS = 60_000;

const STATUS: Readonly<Record<ProbeFate, ProbeStatus>> = { skipped: 0, unknown: 1, answered: 2, lost: 3 };

type Result<Kind extends ProbeResult["kind"]> = Extract<ProbeResult, { readonly kind: Kind }>;

const NOTHING: Consequence = { judge: false, planChanged: false };
const JUDGE: Consequence = { judge: true, planChanged: false };
const PLAN: Consequence = { judge: false, planChanged: true };
const BOTH: Consequence = { judge: true, planChanged: true };

function consequence(judge: boolean, planChanged: boolean): Consequence {
  if (judge) return planChanged ? BOTH : JUDGE;
  return planChanged ? PLAN : NOTHING;
}

/**
 * Files `result` of `member`. Nothing counts while the link is down; of a member that is not probed only what tells that its switch port
 * forwards.
 */
export function takeResult(group: Group, member: Member, result: ProbeResult, context: ProbingContext): Consequence {
  const instance = member.instances[result.family];
  if (!hasLinkUp(member)) return NOTHING;
  if (!isProbed(instance)) return isProof(group, member, result, context) ? JUDGE : NOTHING;
  switch (result.kind) {
    case "discovered":
      return takeHost(group, instance, result, context);
    case "measured":
      return takeMeasured(group, member, instance, result, context);
    default:
      return takeCounted(group, member, instance, result, context);
  }
}

/** What concerns every counted probe, whatever became of it. */
function takeCounted(
  group: Group,
  member: Member,
  instance: Instance,
  result: Result<"answered" | "lost" | "unsent" | "refused">,
  context: ProbingContext,
): Consequence {
  const { now } = context;
  const { history } = instance;
  if (!isPlausible(result) || result.sentAt < history.since) return NOTHING;
  const left = result.kind === "answered" || result.kind === "lost";
  if (left && history.isRenumbered(result.sequence, result.sentAt)) clearHistory(instance, result.sentAt);
  if (instance.quietUntil <= now) instance.quietUntil = JUDGED;
  const filed = file(group, member, instance, result, context);
  const recovered = instance.targets.recover(now);
  const asked = instance.askingSince !== undefined && result.sentAt > instance.askingSince;
  if (asked) instance.askingSince = undefined;
  return recovered || asked ? consequence(filed.judge, true) : filed;
}

/** The history walks from number to number, and would never arrive at one that can not be reached. */
function isPlausible(result: Result<"answered" | "lost" | "unsent" | "refused">): boolean {
  const { kind, sequence } = result;
  return Number.isSafeInteger(sequence) && sequence >= 0 && !(kind === "answered" && Number.isNaN(result.roundTripMs));
}

function file(
  group: Group,
  member: Member,
  instance: Instance,
  result: Result<"answered" | "lost" | "unsent" | "refused">,
  context: ProbingContext,
): Consequence {
  switch (result.kind) {
    case "answered":
      return takeAnswer(group, member, instance, result, context);
    case "lost":
      return takeLoss(group, member, instance, result, context);
    case "refused":
      tellRefusal(group, member, instance, result, context);
      return takeUnsent(instance, result);
    case "unsent":
      return takeUnsent(instance, result);
  }
}

function takeAnswer(
  group: Group,
  member: Member,
  instance: Instance,
  result: Result<"answered">,
  context: ProbingContext,
): Consequence {
  const { history, targets, counters } = instance;
  if (isStray(group, member, instance, result, context)) return NOTHING;
  const target = targets.get(result.target);
  if (target === undefined) {
    // It was a target when it was asked.
    counters.ambiguous++;
    return NOTHING;
  }
  const isEvidence = isEvidenceOfPace(group, instance, target, result);
  history.answered(result.sequence, result.target, result.sentAt, result.roundTripMs);
  counters.answered++;
  counters.lastAnswerAt = context.now;
  instance.refusal = "";
  instance.quietUntil = JUDGED;
  noteAnswer(instance, result.sentAt);
  followAstray(group, member, instance, target, result.astray === true, context);
  if (instance.failed) instance.failed = !hasAnswered(group, instance);
  const paced = isEvidence && takeRoundTrip(group, member, instance, target, result, context);
  tellAnswering(group, instance, target, context);
  const slowed = followLosses(group, instance, "answered", context);
  const returned = targets.hostCount > 0 && comeBack(group, instance, target, context.now);
  const inDoubt = group.opinionUntil !== undefined;
  if (inDoubt) reviewOpinion(group);
  else if (group.opinionTold && isFunctioning(member)) endOpinion(group, instance, context);
  return consequence(inDoubt || hasFailed(member.state), paced || slowed || returned || inDoubt);
}

/** Hosts were asked since somebody's probes were not answered: now everybody's are. */
function endOpinion(group: Group, instance: Instance, { log }: ProbingContext): void {
  const probed = group.members
    .filter(isFunctioning)
    .flatMap(({ instances }) => [instances[4], instances[6]].filter(isCapable));
  if (!hasAnswered(group, instance) || !probed.every(isAnswered)) return;
  group.opinionTold = false;
  log({ id: "answered-again", group: group.configuration.name });
}

/**
 * Does the reply fit no probe? Says so then, and counts it. Sequence numbers that were not given out yet are refused by the
 * prober, which alone knows them.
 */
function isStray(
  group: Group,
  member: Member,
  instance: Instance,
  { sequence, target, from }: Result<"answered">,
  { log, now }: ProbingContext,
): boolean {
  const { history } = instance;
  const isForgotten = history.isForgotten(sequence);
  if (!isForgotten && from === target && history.fateOf(sequence) !== "answered") return false;
  instance.counters.ambiguous++;
  const id = isForgotten ? "reply-out-of-window" : from === target ? "reply-repeated" : "reply-fake";
  if (!isNews(instance, id, now)) return true;
  const reply = { ...namesOf(group, member, instance), from, sequence, next: history.next };
  if (id === "reply-out-of-window") log({ id, ...reply });
  else log({ id, ...reply, status: STATUS[history.fateOf(sequence)] });
  return true;
}

/** Whoever repeats our replies can do it thousands of times per second: each kind is told again only after a while. */
function isNews({ strayToldAt }: Instance, id: StrayReply, now: number): boolean {
  const told = strayToldAt[id];
  if (told !== undefined && now - told < STRAY_REST_MS) return false;
  strayToldAt[id] = now;
  return true;
}

/**
 * Does this answer tell how long the way takes? What came quickly does. What took its time may have been held up in our own kernel until
 * the neighbour was found, or in a switch that let nothing through yet: where it is the first answer of its target or left before
 * that, and where it comes in one lump with the answer before though the probes left one by one.
 */
function isEvidenceOfPace(
  { detection }: Group,
  { history }: Instance,
  { roundTrip }: Target,
  { sentAt, roundTripMs }: Result<"answered">,
): boolean {
  const arrivedAt = sentAt + roundTripMs;
  const apartMs = lumpMs(detection);
  const wasKnown = roundTrip.noteAnswer(sentAt, arrivedAt);
  return roundTripMs < apartMs || (wasKnown && !history.isHeldUp(arrivedAt, apartMs));
}

/** True where the probe plan changes. While a member is down, slow answers are no wonder. */
function takeRoundTrip(
  group: Group,
  member: Member,
  instance: Instance,
  target: Target,
  { sequence, sentAt, roundTripMs }: Result<"answered">,
  context: ProbingContext,
): boolean {
  const { detectionIntervalMs } = group.detection;
  if (roundTripMs < 0) {
    const { address: from } = target;
    const now = sentAt + roundTripMs;
    context.log({ id: "reply-before-probe", ...namesOf(group, member, instance), from, now, sentAt });
    return false;
  }
  if (!isMeasurable(member, target) || roundTripMs > HISTORY_LENGTH * detectionIntervalMs) return false;
  if (instance.history.isOvertaken(sequence, target.address)) return false;
  const timeoutMs = timeoutOf(target.roundTrip, detectionIntervalMs);
  target.roundTrip.sample(roundTripMs, detectionIntervalMs);
  const paced = followRoundTrip(group, member, instance, target, context);
  return paced || timeoutOf(target.roundTrip, detectionIntervalMs) !== timeoutMs;
}

function takeMeasured(
  group: Group,
  member: Member,
  instance: Instance,
  { target: address, roundTripMs }: Result<"measured">,
  context: ProbingContext,
): Consequence {
  const { detectionIntervalMs } = group.detection;
  const target = instance.targets.get(address);
  if (target === undefined || !isMeasurable(member, target) || !(roundTripMs >= 0)) return NOTHING;
  const timeoutMs = timeoutOf(target.roundTrip, detectionIntervalMs);
  target.roundTrip.sampleMeasured(roundTripMs);
  const paced = followRoundTrip(group, member, instance, target, context);
  return consequence(false, paced || timeoutOf(target.roundTrip, detectionIntervalMs) !== timeoutMs);
}

function isMeasurable({ state }: Member, target: Target): boolean {
  return state === "running" && target.state === "active";
}

/** A named target answers while hosts stand in for it: they have done their part, and the other members shall try it, too. */
function comeBack(group: Group, instance: Instance, target: Target, now: number): boolean {
  if (target.kind === "host" || target.state !== "active") return false;
  instance.targets.dropHosts(now);
  for (const peer of peersOf(group, instance)) peer.targets.revive(target.address, now);
  return true;
}

function takeLoss(
  group: Group,
  member: Member,
  instance: Instance,
  { sequence, target, sentAt }: Result<"lost">,
  context: ProbingContext,
): Consequence {
  const { now } = context;
  const { history, counters, targets } = instance;
  // Nobody cares any more whether a former target answers.
  if (targets.get(target) === undefined) {
    history.skipped(sequence, target, sentAt);
    return NOTHING;
  }
  const excused = isExcused(instance, sentAt);
  if (!(excused ? history.skipped(sequence, target, sentAt) : history.lost(sequence, target, sentAt))) return NOTHING;
  counters.lost++;
  if (excused) return noteExcused(instance, sentAt, now) ? PLAN : NOTHING;
  if (isQuiet(instance)) return NOTHING;
  const slowed = followLosses(group, instance, "lost", context);
  const filed = judgeLoss(group, member, instance, context);
  return slowed ? consequence(filed.judge, true) : filed;
}

function judgeLoss(group: Group, member: Member, instance: Instance, context: ProbingContext): Consequence {
  const { history } = instance;
  const dead = isDead(group, instance);
  if (dead) instance.failed = true;
  // In a failed group hosts are asked from now on.
  if (!isFunctioning(member)) return history.lostRun() === LOSSES_TO_FAIL ? PLAN : NOTHING;
  if (dead) return JUDGE;
  return !hasLost(instance) && dropBadTarget(group, instance, context)
    ? consequence(!isCapable(instance), true)
    : NOTHING;
}

/** Others answer: it is the target that is bad, not the way to it. */
function dropBadTarget(group: Group, instance: Instance, context: ProbingContext): boolean {
  const { history, targets } = instance;
  const target = targets.get(history.latestTarget);
  if (target?.state !== "active") return false;
  const run = history.lostRunOf(target.address);
  if (run < LOSSES_TO_FAIL) return false;
  // Those to all others as well now and then: then it is no worse than they are.
  if (run < lossesNeeded(group, history.losses(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, target.address)))
    return false;
  setAside(instance, target, "dead", context.now);
  if (target.kind !== "host") tellSilent(group, target, context);
  return true;
}

/** Once for the group, until it answers everybody again. */
function tellSilent(group: Group, target: Target, { log }: ProbingContext): void {
  const { address } = target;
  const silent = stillSilent(group, address);
  if (silent.size === 0) log({ id: "target-silent", group: group.configuration.name, target: address });
  group.silentTargets.set(address, silent.add(target));
}

/** It was silent, and has answered whoever found that, and still has it for a target, ten times in a row. */
function tellAnswering(group: Group, instance: Instance, target: Target, { log }: ProbingContext): void {
  const { silentTargets, configuration, detection } = group;
  const { address } = target;
  if (!silentTargets.has(address)) return;
  if (instance.history.answeredRunOf(address, lumpMs(detection)) < ANSWERS_TO_REPAIR) return;
  const silent = stillSilent(group, address);
  silent.delete(target);
  silentTargets.set(address, silent);
  if (silent.size > 0) return;
  silentTargets.delete(address);
  log({ id: "target-answering", group: configuration.name, target: address });
}

/** To whom it was silent, without those that a new configuration has taken away: members, or the target itself. */
function stillSilent({ silentTargets, members }: Group, address: string): Set<Target> {
  const present = members.flatMap(instancesOf).flatMap(({ targets }) => targets.get(address) ?? []);
  return new Set(present.filter((target) => silentTargets.get(address)?.has(target)));
}

/** It never left: never held against the card. */
function takeUnsent(
  { history, counters }: Instance,
  { sequence, target, sentAt }: Result<"unsent" | "refused">,
): Consequence {
  if (history.skipped(sequence, target, sentAt)) counters.unsent++;
  return NOTHING;
}

/** Once per error, until a probe gets an answer. */
function tellRefusal(
  group: Group,
  member: Member,
  instance: Instance,
  { code, text }: Result<"refused">,
  { log }: ProbingContext,
): void {
  if (instance.refusal !== code) log({ id: "probe-refused", ...namesOf(group, member, instance), code, text });
  instance.refusal = code;
}

/** Somebody answered the question to all: a target for every member of the group, since they are on one link. */
function takeHost(
  group: Group,
  asker: Instance,
  { from }: Result<"discovered">,
  { picture, now }: ProbingContext,
): Consequence {
  if (picture.isOwn(from)) return NOTHING;
  const reached = peersOf(group, asker).filter((peer) => isProbed(peer) && reaches(peer, from));
  const inDoubt = admitsStandIns(group) && reached.some(isInDoubt);
  const replaced = inDoubt ? reached.filter((peer) => !isAnswered(peer)) : [];
  for (const peer of replaced) {
    peer.targets.replaceNamed(from, now);
    // The losses to the dead targets say nothing of the path.
    clearHistory(peer, now);
  }
  if (inDoubt) group.opinionUntil = undefined;
  const added = reached.filter((peer) => peer.targets.addHost(from, now));
  return replaced.length > 0 || added.length > 0 ? BOTH : NOTHING;
}

/** Its latest probe was answered: its targets are alive. */
function isAnswered({ history }: Instance): boolean {
  return history.lastAnswerAt !== Number.NEGATIVE_INFINITY && history.lostRun() === 0;
}

/** The instances that share targets with this one, itself included. In the anonymous group each is on its own. */
function peersOf(group: Group, instance: Instance): readonly Instance[] {
  return group.anonymous ? [instance] : group.members.map(({ instances }) => instances[instance.family]);
}
