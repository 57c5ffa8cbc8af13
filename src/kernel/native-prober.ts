/** The face of the addon's probing thread. */
import type { ProbeMethod } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";

export interface NativeProberOptions {
  /** Path of a network namespace, "" for the caller's. */
  readonly netns: string;
  readonly realtime: boolean;
  /** Room for results that JavaScript has not fetched yet, in records. */
  readonly ringRecords: number;
  /** Records are handed over here, as many as it holds at a time; see RECORD. */
  readonly records: ArrayBuffer;
}

/** One source on one link, and whom it asks. */
export interface NativeProbePath {
  /** Chosen by the caller, from 1 on. A path with the id of a present one replaces it, and goes on where that was. */
  readonly id: number;
  readonly index: number;
  readonly family: Family;
  readonly method: ProbeMethod;
  readonly source: string;
  readonly intervalMs: number;
  readonly detectionIntervalMs: number;
  /** So many counted probes leave in each step; 1 for failure detection. */
  readonly burst: number;
  readonly discover: boolean;
  /** After a loss a copy of each counted probe (of the first in a burst) goes to all hosts, past the table of neighbours. */
  readonly secondOpinion: boolean;
  readonly targets: readonly NativeProbeTarget[];
}

export interface NativeProbeTarget {
  /** Chosen by the caller, from 1 on; stands for the same address as long as the path lives. */
  readonly id: number;
  readonly address: string;
  readonly timeoutMs: number;
}

/** One result, little endian, as the thread writes it. Offsets in bytes. */
export const RECORD = {
  bytes: 64,
  /** Uint32: see RECORD_KINDS. */
  kind: 0,
  /** Uint32 */
  path: 4,
  /** Uint32; 0 of `discovered`. */
  target: 8,
  /**
   * Uint32, of `refused`; of `answered` 1 where it proves nothing: answered before, not by whom was asked, or too old; and 2 where of late the
   * target has answered only copies to all.
   */
  errno: 12,
  /** Float64; 0 of `measured` and `discovered`. */
  sequence: 16,
  /** Float64: ms of CLOCK_MONOTONIC. */
  sentAt: 24,
  /** Float64: ms */
  roundTripMs: 32,
  /** Float64: ms of CLOCK_MONOTONIC. */
  handledAt: 40,
  /** 4 or 16 octets, of `answered` and `discovered`. */
  from: 48,
} as const;

/** `kind` is the place in this list. */
export const RECORD_KINDS = ["", "answered", "lost", "unsent", "refused", "measured", "discovered"] as const;

/** One target's statistics, as Float64 numbers in this order; NaN where there is none. */
export const STATISTICS = [
  "path",
  "target",
  "sent",
  "answered",
  "lost",
  "unsent",
  "duplicate",
  "wrongSource",
  "late",
  "tooOld",
  "meanMs",
  "deviationMs",
  "minimumMs",
  "maximumMs",
  "lossRate",
] as const;

/**
 * `count` records are in the buffer now. `statistics`: what was asked for, oldest question first, or undefined. Nothing more
 * comes before `drain` is called, which belongs into a later turn of the event loop.
 */
export type NativeProberCallback = (count: number, statistics: Float64Array | undefined) => void;

/** The probing thread itself, since its start. */
export interface NativeProberStatus {
  /** SCHED_FIFO in force, or the reason why not. */
  readonly realtime: true | string;
  /** The thread's memory is locked, or the reason why not. */
  readonly locked: true | string;
  /** Steps at which the thread came so late that probes remained unsent, or could not be judged. */
  readonly stalls: number;
  /** The worst lateness (ms). */
  readonly longestStallMs: number;
  /** Probes that remained unsent for that. */
  readonly unsent: number;
  /** Replies that carry our identifier, but no token of ours: forged, or of an earlier process. */
  readonly forged: number;
  /** Replies that bring back the token of another path. Sockets are bound to their link and address, so there should be none. */
  readonly wrongInterface: number;
  /** Results that nobody fetched in time, and that were thrown away. */
  readonly dropped: number;
}

/** Methods throw an Error with `operation`, `errno` and `text` where the system refuses. */
export interface NativeProber {
  /** Indexes of the links with these names, in the prober's namespace; 0 where there is none. */
  linkIndexes(names: readonly string[]): readonly number[];
  /** Removes, then puts. Takes effect within the thread's next round, in the order of the calls. */
  change(paths: readonly NativeProbePath[], removed: readonly number[]): void;
  /** Asks for all statistics: the callback brings them. */
  statistics(): void;
  /** Whether `answered` is recorded (default), or only counted. */
  recordAnswers(wanted: boolean): void;
  status(): NativeProberStatus;
  /** See the callback. */
  drain(): void;
  close(): void;
}

export type NativeProberConstructor = new (
  options: NativeProberOptions,
  callback: NativeProberCallback,
) => NativeProber;
