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

/**
 * Undefined of `measured`: a path of the library has no probes that only measure. Each object is written out in full: put together
 * by spreading, it takes twenty times as long, which a flood can not afford.
 */
export function resultOf(record: ProbeRecord<LibraryPath>, clock: ProbeClock): ProberResult | undefined {
  switch (record.kind) {
    case "answered":
      return answered(record, clock);
    case "lost":
    case "unsent":
      return unanswered(record, record.kind, clock);
    case "refused":
      return refused(record, clock);
    case "discovered":
      return discovered(record);
    case "measured":
      return undefined;
  }
}

function answered(record: ProbeRecord<LibraryPath>, clock: ProbeClock): AnsweredResult {
  const { path, sentAt } = record;
  return {
    kind: "answered",
    name: path.name,
    interface: path.interface,
    family: path.family,
    method: path.method,
    source: path.source,
    target: record.target,
    sequence: record.sequence,
    sentAt: clock.wall(sentAt),
    sentAtMonotonic: clock.monotonic(sentAt),
    from: record.from,
    roundTripMs: record.roundTripMs,
  };
}

function unanswered<Kind extends "lost" | "unsent">(
  { path, target, sequence, sentAt }: ProbeRecord<LibraryPath>,
  kind: Kind,
  clock: ProbeClock,
): OfProbe & { readonly kind: Kind } {
  return {
    kind,
    name: path.name,
    interface: path.interface,
    family: path.family,
    method: path.method,
    source: path.source,
    target,
    sequence,
    sentAt: clock.wall(sentAt),
    sentAtMonotonic: clock.monotonic(sentAt),
  };
}

function refused(record: ProbeRecord<LibraryPath>, clock: ProbeClock): RefusedResult {
  const { path, sentAt, errno } = record;
  return {
    kind: "refused",
    name: path.name,
    interface: path.interface,
    family: path.family,
    method: path.method,
    source: path.source,
    target: record.target,
    sequence: record.sequence,
    sentAt: clock.wall(sentAt),
    sentAtMonotonic: clock.monotonic(sentAt),
    code: errnoName(errno),
    text: errnoText(errno),
  };
}

function discovered({ path, from }: ProbeRecord<LibraryPath>): DiscoveredResult {
  const { name, interface: link, family, method, source } = path;
  return { kind: "discovered", name, interface: link, family, method, source, from };
}
