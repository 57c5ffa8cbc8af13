/** The door to whoever sends probes: it is told the whole plan, and tells what became of the probes. */
import type { ProbePlan } from "../core/actions.ts";
import type { ProbeResult } from "../core/probing/results.ts";

export interface ProberPort {
  /** Replaces the plan before. What is equal in both goes on undisturbed. */
  plan(plans: readonly ProbePlan[]): void;
  /** Ends all probing. */
  close(): void;
}

export interface ProberListener {
  /** In the order in which they became known. Times are on the clock of the loop. */
  results(results: readonly ProbeResult[]): void;
}
