/**
 * Losses that members share. Hosts limit how often they answer, and a radio link loses some of everything: then every member now and then
 * loses five in a row by chance. So a run of losses speaks against a member only as far as it can not be that chance.
 */
import { type Group, hasLinkUp } from "../group.ts";
import { ANSWERS_KEPT, HISTORY_LENGTH, type Losses } from "./history.ts";
import { type Instance, isCapable } from "./instance.ts";

/** So many probes in a row lost: the path, or all targets, are dead. */
export const LOSSES_TO_FAIL = 5;
/** Where nobody is answered so many are no chance: more a history can not show beside the probes that are under way. */
const SILENT_LOSSES = HISTORY_LENGTH - 4;
/**
 * So improbable, per ms between two probes, has a run of losses to be where losses are common: a member must not fail by chance within
 * many hours, however fast it is probed.
 */
const CHANCE_PER_MS = 7e-9;
/** What was counted may be less than the truth by so many of its standard deviations. */
const DEVIATIONS = 2;
/** No share is taken for more than this. */
const MOST_LOST = 0.99;

/** So many of so many were lost. */
export type Counts = Pick<Losses, "lost" | "of">;

/** The share of probes that may be lost by chance where so many of so many were. */
function shareLost({ lost, of }: Counts): number {
  return lost === 0 ? 0 : Math.min(MOST_LOST, (lost + DEVIATIONS * Math.sqrt(lost)) / of);
}

/** So improbable has to be what is held against a member where losses are common. */
function chanceOf({ detection }: Group): number {
  return Math.min(MOST_LOST, CHANCE_PER_MS * detection.detectionIntervalMs);
}

/** So many losses in a row are no chance any more where this share of all is lost. */
function runBeyond(group: Group, share: number): number {
  if (share === 0) return LOSSES_TO_FAIL;
  return Math.max(LOSSES_TO_FAIL, Math.ceil(Math.log(chanceOf(group)) / Math.log(share)));
}

/** Each answer was for the one or the other by a toss: so often in a row it does not fall to the same one. */
function answersBeyond(group: Group): number {
  return Math.min(ANSWERS_KEPT, Math.ceil(-Math.log2(chanceOf(group))));
}

/** However much others lose, so many are no chance: all that fit into the longest time in force. */
function longestRun({ detection }: Group): number {
  return Math.max(SILENT_LOSSES, Math.floor(detection.mostSlowedDownMs / detection.detectionIntervalMs));
}

/** So many losses in a row are no chance where so many of so many others were lost, and nothing is known of who was answered meanwhile. */
export function lossesNeeded(group: Group, losses: Counts): number {
  return Math.min(SILENT_LOSSES, runBeyond(group, shareLost(losses)));
}

/** So many losses in a row a verdict will take, on one member or on all, if so many of so many go on being lost. */
export function lossesExpected(group: Group, losses: Counts): number {
  const { lost, of } = losses;
  const untilTold = Math.ceil((answersBeyond(group) * of) / Math.max(1, of - lost));
  return Math.min(longestRun(group), runBeyond(group, shareLost(losses)), Math.max(LOSSES_TO_FAIL, untilTold));
}

/**
 * Its latest probes were lost, and by no chance that others have a share in. What tells a dead path from targets that limit their answers:
 *
 * - Others lose less. A limit takes from all alike, so what they lose says how long a run it can make.
 * - All answers are for another one. However few there are, with a limit each could as well have been for this one.
 * - Nobody is answered any more. A limit makes pauses between answers, but none so long as those before let expect.
 */
export function isDead(group: Group, instance: Instance): boolean {
  const { history } = instance;
  const run = history.lostRun();
  if (run < LOSSES_TO_FAIL) return false;
  const others = answeredPeers(group, instance, history.firstLossAt());
  if (others.length === 0) return run >= silentRun(group, instance);
  if (run >= Math.min(longestRun(group), runBeyond(group, commonShare(group, instance, others)))) return true;
  const answers = answersBeyond(group);
  return others.some((other) => other.history.hasAnsweredSince(history.lostInRowSince, answers));
}

/** By chance it may be so many, as its own losses before let expect, and those of all where a limit was found before. */
function silentRun(group: Group, { history }: Instance): number {
  const own = ownShare(history.losses(Number.NEGATIVE_INFINITY, history.firstLossAt()));
  const run = runBeyond(group, Math.max(shareLost(group.limit.losses), own));
  return Math.min(SILENT_LOSSES, run);
}

/** One run alone was an interruption. */
function ownShare(before: Losses): number {
  return before.runs > 1 ? shareLost(before) : 0;
}

/**
 * The share that is lost by chance. It shows in whom of the others fares best, from the time of the run of losses or for long;
 * where the instance itself had lost some before that as others did; and where a limit was found before, at this pace.
 */
function commonShare({ limit }: Group, { history }: Instance, others: readonly Instance[]): number {
  const since = history.firstLossAt();
  const own = ownShare(history.losses(Number.NEGATIVE_INFINITY, since));
  const always = others.map((other) => lossesOf(other, Number.NEGATIVE_INFINITY));
  const lately = others.map((other) => lossesOf(other, since));
  const best = Math.min(...always.map((losses, at) => Math.max(shareLost(losses), shareLost(lately[at] as Losses))));
  return Math.max(shareLost(limit.losses), best, Math.min(own, shareLost(sumOf(always))));
}

/** Those of the other members that were answered since then. */
function answeredPeers(group: Group, instance: Instance, since: number): Instance[] {
  if (group.anonymous) return [];
  return group.members
    .filter((member) => member.state === "running" && hasLinkUp(member))
    .map(({ instances }) => instances[instance.family])
    .filter((other) => other !== instance && isCapable(other) && other.history.lastAnswerAt > since);
}

function lossesOf({ history }: Instance, since: number): Losses {
  return history.losses(since, Number.POSITIVE_INFINITY);
}

/** All together. */
export function sumOf(losses: readonly Counts[]): Counts {
  const sum = { lost: 0, of: 0 };
  for (const { lost, of } of losses) {
    sum.lost += lost;
    sum.of += of;
  }
  return sum;
}
