/** What results of probes do to the groups. Most of them change nothing, and are filed: that is the short cut around a whole step. */
import type { Deeds } from "./deeds.ts";
import type { Managed, Placed } from "./managing.ts";
import type { ProbingContext } from "./probing/context.ts";
import { takeResult } from "./probing/judge.ts";
import { probePlans } from "./probing/plan.ts";
import type { ProbeResult } from "./probing/results.ts";

/**
 * Files `results` with the members that they are of, by the index of their links; those of nobody are dropped. Groups that have to
 * be judged are added to `touched`. True where somebody is to be probed otherwise.
 */
export function fileResults(
  results: readonly ProbeResult[],
  members: ReadonlyMap<number, Placed>,
  touched: Set<Managed>,
  deeds: Deeds,
  context: ProbingContext,
): boolean {
  let planChanged = false;
  for (const result of results) {
    const place = members.get(result.index);
    if (place === undefined) continue;
    const { group } = place.managed;
    const consequence = takeResult(group, place.member, result, context);
    if (consequence.judge) touched.add(place.managed);
    if (consequence.planChanged) deeds.probe.put(group, probePlans(group));
    planChanged ||= consequence.planChanged;
  }
  return planChanged;
}
