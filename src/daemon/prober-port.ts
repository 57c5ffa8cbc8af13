/** The door to whoever sends probes: it is told the whole plan, and tells what became of the probes. */
import type { ProbePlan } from "../core/actions.ts";
import type { ProbeResult } from "../core/probing/results.ts";
import type { ProberStatus, TargetStatistics } from "../prober/statistics.ts";

export interface ProberPort {
  /** Replaces the plan before. What is equal in both goes on undisturbed. */
  plan(plans: readonly ProbePlan[]): void;
  /** Everything counted since each target was first asked; in the order of the plan. Rejects once closed. */
  statistics(): Promise<readonly TargetStatistics[]>;
  status(): ProberStatus;
  /** Ends all probing. */
  close(): void;
}

export interface ProberListener {
  /**
   * In the order in which they became known. Times are on the clock of the loop. The objects are used again for the next
   * results: whoever wants to keep one copies it.
   */
  results(results: readonly ProbeResult[]): void;
}
