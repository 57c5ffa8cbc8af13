/** Single probes, for those who look: results of the prober become events that people understand. */
import type { ProbeEvent } from "../control/probes.ts";
import type { ProbePlan } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";
import type { ProbeResult } from "../core/probing/results.ts";
import type { Snapshot, TargetSnapshot } from "../core/snapshot.ts";

/** How results are understood. Times are monotonic ms of the loop. */
export interface ProbeContext {
  readonly interfaces: Snapshot["interfaces"];
  /** As they were when the results came. */
  readonly plans: readonly Pick<ProbePlan, "index" | "family" | "method" | "source">[];
  /** As ISO 8601. */
  readonly toWall: (ms: number) => string;
  /** As ms of CLOCK_MONOTONIC. */
  readonly toBootMs: (ms: number) => number;
  readonly target: (
    index: number,
    family: Family,
    address: string,
  ) => Pick<TargetSnapshot, "meanMs" | "deviationMs"> | undefined;
}

type Counted = Exclude<ProbeResult, { readonly kind: "measured" | "discovered" }>;

/** The counted probes among `results`; copies, since results are used again. */
export function probeEvents(results: readonly ProbeResult[], context: ProbeContext): ProbeEvent[] {
  const byIndex = new Map(context.interfaces.map((face) => [face.index, face]));
  const byPath = new Map(context.plans.map((plan) => [pathKey(plan), plan]));
  const events: ProbeEvent[] = [];
  for (const result of results) {
    // Of an interface that has been taken out meanwhile nobody knows the name any more.
    const face = byIndex.get(result.index);
    const plan = byPath.get(pathKey(result));
    if (face && plan && isCounted(result)) events.push(probeEvent(result, face, plan, context));
  }
  return events;
}

function pathKey({ index, family }: Pick<ProbePlan, "index" | "family">): number {
  return index * 10 + family;
}

function isCounted(result: ProbeResult): result is Counted {
  return result.kind !== "measured" && result.kind !== "discovered";
}

function probeEvent(
  result: Counted,
  { name, group }: Snapshot["interfaces"][number],
  { method, source }: Pick<ProbePlan, "method" | "source">,
  { toWall, toBootMs, target }: ProbeContext,
): ProbeEvent {
  const { index, family, kind, sequence, sentAt } = result;
  const answer = result.kind === "answered" ? result : undefined;
  const figures = target(index, family, result.target);
  return {
    type: "probe",
    interface: name,
    group,
    ...{ family, method, source, kind: answer?.stray ? "stray" : kind, sequence, target: result.target },
    from: answer?.from ?? null,
    sentAt: toWall(sentAt),
    sentAtMs: toBootMs(sentAt),
    networkRoundTripMs: answer?.roundTripMs ?? null,
    roundTripMs: answer === undefined ? null : answer.handledAt - sentAt,
    meanMs: figures?.meanMs ?? null,
    deviationMs: figures?.deviationMs ?? null,
    refusal: kind === "refused" ? result.code : null,
    missed: 0,
  };
}
