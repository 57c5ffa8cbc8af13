/** What results of probes do to the groups. Most of them change nothing, and are filed: that is the short cut around a whole step. */
import type { Deeds } from "./deeds.ts";
import type { Group } from "./group.ts";
import { linksOf } from "./kernel-state/wanted.ts";
import type { Managed, Placed } from "./managing.ts";
import { isDoomed } from "./members/judging.ts";
import type { ProbingContext } from "./probing/context.ts";
import { takeResult } from "./probing/judge.ts";
import { probePlans } from "./probing/plan.ts";
import type { ProbeResult } from "./probing/results.ts";

/**
 * `plans`: somebody is to be probed otherwise. `verdicts`: groups have to be judged. `fired`: those, too, and what repairs the
 * traffic is on its way.
 */
export type ProbeNews = "none" | "plans" | "verdicts" | "fired";

/**
 * Files `results` with the members that they are of, by the index of their links; those of nobody are dropped. Groups that have to
 * be judged are added to `touched`. The armed plans of those in `stale` are of another time.
 */
export function takeProbes(
  results: readonly ProbeResult[],
  members: ReadonlyMap<number, Placed>,
  touched: Set<Managed>,
  stale: ReadonlySet<Managed>,
  deeds: Deeds,
  context: ProbingContext,
): ProbeNews {
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
  if (touched.size === 0) return planChanged ? "plans" : "none";
  const armed = [...touched].filter((managed) => !stale.has(managed));
  return armed.map(({ group }) => firePlans(group, deeds)).includes(true) ? "fired" : "verdicts";
}

/**
 * A member is about to fail: what repairs its traffic was worked out beforehand, for the loss of its link, and need not wait for the
 * step that follows. True where a plan is fired.
 */
function firePlans(group: Group, deeds: Deeds): boolean {
  const doomed = linksOf(group.members.filter((member) => isDoomed(group, member)));
  return doomed.map(({ index }) => deeds.fire(index)).includes(true);
}
