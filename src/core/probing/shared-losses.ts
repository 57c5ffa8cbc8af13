/**
 * Losses that members share. Hosts limit how often they answer, and a radio link loses some of everything: then every member now and then
 * loses five in a row by chance. So a run of losses speaks against a member only as far as it can not be that chance.
 */
import { type Group, hasLinkUp } from "../group.ts";
import { HISTORY_LENGTH, type Losses } from "./history.ts";
import { type Instance, isCapable } from "./instance.ts";

/** So many probes in a row lost: the path, or all targets, are dead. */
export const LOSSES_TO_FAIL = 5;
/** However much others lose, so many are no chance: more a history can not show beside the probes that are under way. */
const LOSSES_IN_ANY_CASE = HISTORY_LENGTH - 4;
/**
 * So improbable, per ms between two probes, has a run of losses to be where losses are common: a member must not fail by chance within
 * many hours, however fast it is probed.
 */
const CHANCE_PER_MS = 7e-9;
/** What was counted may be less than the truth by so many of its standard deviations. */
const DEVIATIONS = 2;
/** No share is taken for more than this. */
const MOST_LOST = 0.99;

type Counts = Pick<Losses, "lost" | "of">;

/** The share of probes that may be lost by chance where so many of so many were. */
function shareLost({ lost, of }: Counts): number {
  return lost === 0 ? 0 : Math.min(MOST_LOST, (lost + DEVIATIONS * Math.sqrt(lost)) / of);
}

/** So many losses in a row are no chance any more where this share of all is lost. */
function runBeyond(share: number, stepMs: number): number {
  if (share === 0) return LOSSES_TO_FAIL;
  const chance = Math.min(MOST_LOST, CHANCE_PER_MS * stepMs);
  return Math.min(LOSSES_IN_ANY_CASE, Math.max(LOSSES_TO_FAIL, Math.ceil(Math.log(chance) / Math.log(share))));
}

/** The same where so many of so many were lost. */
export function lossesNeeded({ detection }: Group, losses: Counts): number {
  return runBeyond(shareLost(losses), detection.detectionIntervalMs);
}

/** Its latest probes were lost, and by no chance that others have a share in. */
export function isDead(group: Group, instance: Instance): boolean {
  const run = instance.history.lostRun();
  return run >= LOSSES_TO_FAIL && run >= runBeyond(commonShare(group, instance), group.detection.detectionIntervalMs);
}

/**
 * The share that is lost by chance. It shows in whom of the others fares best, from the time of the run of losses or for long; and
 * where the instance itself had lost some before that as others did. Where no other is answered there is only itself to go by.
 */
function commonShare(group: Group, instance: Instance): number {
  const { history } = instance;
  const since = history.firstLossAt();
  const others = answeredPeers(group, instance, since);
  const before = history.losses(Number.NEGATIVE_INFINITY, since);
  // One run alone was an interruption.
  const own = before.runs > 1 ? shareLost(before) : 0;
  if (others.length === 0) return own;
  const always = others.map((other) => lossesOf(other, Number.NEGATIVE_INFINITY));
  const lately = others.map((other) => lossesOf(other, since));
  const best = Math.min(...always.map((losses, at) => Math.max(shareLost(losses), shareLost(lately[at] as Losses))));
  return Math.max(best, Math.min(own, shareLost(sumOf(always))));
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
