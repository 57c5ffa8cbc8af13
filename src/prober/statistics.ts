/** What the probing thread counts. Plain data, JSON-ready. */
import type { ProbeMethod } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";

/** Since a target was first asked through one interface. Times in ms. */
export interface TargetStatistics {
  /** Index of the link. */
  readonly index: number;
  readonly family: Family;
  readonly method: ProbeMethod;
  readonly source: string;
  readonly target: string;
  /** Left this host; `sent - answered - lost` are under way. */
  readonly sent: number;
  /** In time or late. */
  readonly answered: number;
  /** Of those, after they had been given up. */
  readonly late: number;
  /** Not answered in time; one that is answered late counts as answered, and no more as lost. */
  readonly lost: number;
  /** Never left, by our own lateness or a refusal of the kernel; or its answer was not waited for. Never held against anybody. */
  readonly unsent: number;
  /** Genuine replies that prove nothing: `duplicate`, `wrongSource`, `tooOld`. */
  readonly ambiguous: number;
  /** Replies to a probe that was answered before. */
  readonly duplicate: number;
  /** Replies from another address than the one that was asked. */
  readonly wrongSource: number;
  /** Replies to probes so old that nothing is known of them any more. */
  readonly tooOld: number;
  /** Round trip by the kernel's time stamps; null before the first answer. Smoothed as TCP does. */
  readonly meanMs: number | null;
  readonly deviationMs: number | null;
  readonly minimumMs: number | null;
  readonly maximumMs: number | null;
  /** 0..1, of the last 100 whose fate is known; null before the first. */
  readonly lossRate: number | null;
}

export type { NativeProberStatus as ProberStatus } from "../kernel/native-prober.ts";
