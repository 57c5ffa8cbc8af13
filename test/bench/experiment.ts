/** What an experiment is, and what comes of running one. */
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
}

export interface Measured {
  /** By the name that the rows use. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Cables pulled, and pulls in which the machine itself visibly stood still: told, and kept in the figures. */
  readonly pulls?: number;
  readonly stalls?: number;
  /** Packets lost by flows that were not on the pulled card. */
  readonly bystandersLost?: number;
}

export interface Row {
  readonly series: string;
  readonly title: string;
  readonly unit: "ms" | "%" | "MiB" | "1/s";
  /** Our median is to be at most this; at least this where `atLeast` says so. */
  readonly target: number;
  readonly atLeast?: true;
}

export interface Experiment {
  /** What `--only` names, whole or by its beginning. */
  readonly id: string;
  readonly us: (effort: Effort) => Promise<Measured>;
  /** Undefined where the peer has nothing of the kind. */
  readonly peer?: (effort: Effort) => Promise<Measured>;
  /** Experiments with the same word measure the peer once, and share that. */
  readonly peerShared?: string;
  readonly rows: readonly Row[];
}

export interface Side {
  /** Undefined where something broke. */
  readonly measured: Measured | undefined;
  /** What broke. */
  readonly fault: string | undefined;
}

export interface Result {
  readonly experiment: Experiment;
  readonly us: Side;
  readonly peer: Side | undefined;
}

/** Runs one side. What breaks is part of the result: the other experiments go on. */
export async function measure(work: () => Promise<Measured>): Promise<Side> {
  try {
    return { measured: await work(), fault: undefined };
  } catch (error) {
    return { measured: undefined, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** One line of the table; no summary where that side broke or has no such series. */
export interface Line {
  readonly row: Row;
  readonly us: Summary | undefined;
  readonly peer: Summary | undefined;
  /** Peer divided by us: how many times better we are. */
  readonly ratio: number | undefined;
  readonly met: boolean;
}

export function linesOf({ experiment, us, peer }: Result): Line[] {
  return experiment.rows.map((row) => {
    const ours = summaryOf(us, row.series);
    const theirs = summaryOf(peer, row.series);
    // Nothing lost at all would divide by zero; there is no honest number for that.
    const ratio =
      ours !== undefined && theirs !== undefined && ours.median > 0 ? theirs.median / ours.median : undefined;
    return { row, us: ours, peer: theirs, ratio, met: ours !== undefined && isMet(row, ours.median) };
  });
}

function isMet({ target, atLeast }: Row, median: number): boolean {
  return atLeast ? median >= target : median <= target;
}

function summaryOf(side: Side | undefined, series: string): Summary | undefined {
  const values = side?.measured?.series[series] ?? [];
  return values.length === 0 ? undefined : summarize(values);
}
