/** What the local API tells of probes: each of them while somebody looks, and what was counted at any time. */
import type { ProbeMethod } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";
import type { TargetSnapshot } from "../core/snapshot.ts";
import type { ProberStatus, TargetStatistics } from "../prober/statistics.ts";

/** What may become of a probe that counts: see `core/probing/results.ts`. `stray`: a reply that proves nothing. */
export type ProbeKind = "answered" | "stray" | "lost" | "unsent" | "refused";

/** One probe whose fate became known. One that was lost and is answered late comes twice. */
export interface ProbeEvent {
  readonly type: "probe";
  readonly interface: string;
  /** "" for an interface of no group. */
  readonly group: string;
  readonly family: Family;
  /** How was asked, and from which address: 0.0.0.0 of ARP requests. */
  readonly method: ProbeMethod;
  readonly source: string;
  readonly kind: ProbeKind;
  /** Counts the probes of one family of one interface. */
  readonly sequence: number;
  readonly target: string;
  /** Who answered: it need not be the target. Null where nobody did. */
  readonly from: string | null;
  /** When it left, or should have left (ISO 8601, UTC). */
  readonly sentAt: string;
  /** The same as ms of CLOCK_MONOTONIC, which all processes share: `process.hrtime()`. */
  readonly sentAtMs: number;
  /** The network's share, by the kernel's time stamps; null where there is no answer. */
  readonly networkRoundTripMs: number | null;
  /** From the sending until the reply was read; null where there is no answer. */
  readonly roundTripMs: number | null;
  /** Smoothed round trip of the target, this probe included, and its mean deviation; null before the first answer. */
  readonly meanMs: number | null;
  readonly deviationMs: number | null;
  /** Of a refused one: the symbol of the kernel's error. */
  readonly refusal: string | null;
  /** So many came before it that are not told of, because they were not fetched in time. */
  readonly missed: number;
}

/** What was counted of one target, asked through one interface. */
export interface ProbeStatistics extends Omit<TargetStatistics, "index"> {
  readonly interface: string;
  readonly group: string;
  /** Where it is known from, and what is thought of it; null for one that is not a target any more. */
  readonly kind: TargetSnapshot["kind"] | null;
  readonly state: TargetSnapshot["state"] | null;
}

/** What `GET /v1/probes` answers. */
export interface ProbesReport {
  readonly prober: ProberStatus;
  /** In the order in which the interfaces are probed. */
  readonly targets: readonly ProbeStatistics[];
}
