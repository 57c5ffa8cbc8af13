/** What the library tells of each probe: plain objects of their own, which the receiver may keep. */
import type { ProbeMethod } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";
import { errnoName } from "../kernel/errors.ts";
import { errnoText } from "./errno-text.ts";
import type { ProbeClock } from "./probe-clock.ts";
import type { LibraryPath } from "./read-paths.ts";
import type { ProbeRecord } from "./record-reader.ts";

interface OfPath {
  /** As given with the path, or "". */
  readonly name: string;
  readonly interface: string;
  readonly family: Family;
  readonly method: ProbeMethod;
  /** Canonical text, as all addresses here; 0.0.0.0 of ARP requests. */
  readonly source: string;
}

interface OfProbe extends OfPath {
  readonly target: string;
  /** Grows by one per probe of a path. */
  readonly sequence: number;
  /** Time of day when it left, or should have left: ms since 1970, with fractions. */
  readonly sentAt: number;
  /** The same on the clock of `performance.now()`, which nobody sets. */
  readonly sentAtMonotonic: number;
}

/**
 * A genuine reply came. In time: its probe is told of once. Late (`roundTripMs` is above the time-out): it was told as lost
 * before, unless the next probe was not due yet. The same `sequence` again: a duplicate.
 */
export interface AnsweredResult extends OfProbe {
  readonly kind: "answered";
  /** Who replied. Another address than the target proves nothing of the target. */
  readonly from: string;
  /** The network's share, by the kernel's time stamps. */
  readonly roundTripMs: number;
}

/** When the next probe was due its time was over, and everything that had arrived by then had been read. */
export interface LostResult extends OfProbe {
  readonly kind: "lost";
}

/** This host was late by a whole step: the probe never left, and says nothing of anybody. */
export interface UnsentResult extends OfProbe {
  readonly kind: "unsent";
}

/** The kernel did not send it: the link is down, the source is no address of ours, a filter drops it. */
export interface RefusedResult extends OfProbe {
  readonly kind: "refused";
  /** ENETDOWN and the like. */
  readonly code: string;
  /** The same in words. */
  readonly text: string;
}

/** Somebody answered the question to all hosts. */
export interface DiscoveredResult extends OfPath {
  readonly kind: "discovered";
  readonly from: string;
}

export type ProberResult = AnsweredResult | LostResult | UnsentResult | RefusedResult | DiscoveredResult;
export type ResultKind = ProberResult["kind"];

/** Undefined of `measured`: a path of the library has no probes that only measure. */
export function resultOf(record: ProbeRecord<LibraryPath>, clock: ProbeClock): ProberResult | undefined {
  const { kind, from, roundTripMs, errno, path } = record;
  switch (kind) {
    case "answered":
      return { kind, ...ofProbe(record, clock), from, roundTripMs };
    case "lost":
    case "unsent":
      return { kind, ...ofProbe(record, clock) };
    case "refused":
      return { kind, ...ofProbe(record, clock), code: errnoName(errno), text: errnoText(errno) };
    case "discovered":
      return { kind, ...ofPath(path), from };
    case "measured":
      return undefined;
  }
}

function ofPath({ name, interface: link, family, method, source }: LibraryPath): OfPath {
  return { name, interface: link, family, method, source };
}

function ofProbe({ path, target, sequence, sentAt }: ProbeRecord<LibraryPath>, clock: ProbeClock): OfProbe {
  return { ...ofPath(path), target, sequence, sentAt: clock.wall(sentAt), sentAtMonotonic: clock.monotonic(sentAt) };
}
