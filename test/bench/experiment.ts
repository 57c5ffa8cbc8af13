/** What an experiment is, and what comes of running one. */
import { IpmpError } from "../../src/core/errors.ts";
import { type Summary, summarize } from "./statistics.ts";

export interface Effort {
  /** Least number of measurements in each row. */
  readonly runs: number;
  /** The same where each needs a program freshly started. */
  readonly freshRuns: number;
  /** How long idleness is watched. */
  readonly idleMs: number;
  /** How many facts the machine is fed, in millions. */
  readonly millions: number;
  /** How long nothing fails while others keep the processors busy. */
  readonly busyMs: number;
  /** How many lost verdicts are followed to the action. */
  readonly verdicts: number;
}

export interface Measured {
  /** By the name that the rows use. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Cables pulled, and pulls in which the machine itself visibly stood still: told, and kept in the figures. */
  readonly pulls?: number;
  readonly stalls?: number;
  /** Packets lost by flows that were not on the pulled card. */
  readonly bystandersLost?: number;
  /** What else has to be known of these figures. */
  readonly notes?: readonly string[];
}

export interface Row {
  readonly series: string;
  readonly title: string;
  /** "" counts. */
  readonly unit: "ms" | "us" | "%" | "MiB" | "1/s" | "";
  /** Our median is to be at most this; at least this where `atLeast` says so. Undefined: only told. */
  readonly target: number | undefined;
  readonly atLeast?: true;
}

export interface Peer {
  readonly name: string;
  readonly measure: (effort: Effort) => Promise<Measured>;
  /** Experiments with the same word measure this peer once, and share that. */
  readonly shared?: string;
}

export interface Experiment {
  /** What `--only` names, whole or by its beginning. */
  readonly id: string;
  readonly us: (effort: Effort) => Promise<Measured>;
  /** Of those that have something of the kind. */
  readonly peers: readonly Peer[];
  readonly rows: readonly Row[];
}

export interface Side {
  readonly name: string;
  /** Undefined where something broke or is absent. */
  readonly measured?: Measured;
  /** What broke. */
  readonly fault?: string;
  /** Why this peer can not be measured here. */
  readonly absent?: string;
}

export interface Result {
  readonly experiment: Experiment;
  readonly us: Side;
  readonly peers: readonly Side[];
}

/** Thrown where a peer is not to be had on this machine: no fault, but said. */
export class PeerAbsent extends IpmpError {
  constructor(text: string) {
    super("PEER_ABSENT", text);
  }
}

/** Runs one side. What breaks is part of the result: the other experiments go on. */
export async function measure(name: string, work: () => Promise<Measured>): Promise<Side> {
  try {
    return { name, measured: await work() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return error instanceof PeerAbsent ? { name, absent: text } : { name, fault: text };
  }
}

/** One peer in one row. */
export interface Comparison {
  readonly peer: Side;
  /** Undefined where the peer broke, is absent or has no such series. */
  readonly summary: Summary | undefined;
  /** How many times better our median is. */
  readonly ratio: number | undefined;
}

/** One row of the table. */
export interface Line {
  readonly row: Row;
  readonly us: Summary | undefined;
  readonly comparisons: readonly Comparison[];
  /** Undefined where nothing is wanted. */
  readonly met: boolean | undefined;
}

export function linesOf({ experiment, us, peers }: Result): Line[] {
  return experiment.rows.map((row) => {
    const ours = summaryOf(us, row.series);
    const comparisons = peers.map((peer) => {
      const summary = summaryOf(peer, row.series);
      return { peer, summary, ratio: ratioOf(row, ours, summary) };
    });
    return { row, us: ours, comparisons, met: isMet(row, ours) };
  });
}

/** Nothing lost at all, or service that never came back, would divide by zero: there is no honest number for that. */
function ratioOf({ atLeast }: Row, us: Summary | undefined, peer: Summary | undefined): number | undefined {
  if (us === undefined || peer === undefined) return undefined;
  const ratio = atLeast ? us.median / peer.median : peer.median / us.median;
  return Number.isFinite(ratio) ? ratio : undefined;
}

function isMet({ target, atLeast }: Row, us: Summary | undefined): boolean | undefined {
  if (target === undefined) return undefined;
  if (us === undefined) return false;
  return atLeast ? us.median >= target : us.median <= target;
}

function summaryOf({ measured }: Side, series: string): Summary | undefined {
  const values = measured?.series[series] ?? [];
  return values.length === 0 ? undefined : summarize(values);
}
