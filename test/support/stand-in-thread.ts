/** Stands in for the addon's probing thread: notes what it is told to do, and says what a test has it say. */
import assert from "node:assert/strict";
import {
  type NativeProbePath,
  type NativeProber,
  type NativeProberCallback,
  type NativeProberConstructor,
  type NativeProberOptions,
  type NativeProberStatus,
  RECORD,
  RECORD_KINDS,
  STATISTICS,
} from "../../src/kernel/native-prober.ts";
import { octetsOf } from "../../src/prober/ip-octets.ts";

export interface SaidRecord {
  readonly kind: (typeof RECORD_KINDS)[number];
  readonly path: number;
  readonly target?: number;
  readonly errno?: number;
  readonly sequence?: number;
  readonly sentAt?: number;
  readonly roundTripMs?: number;
  readonly handledAt?: number;
  readonly from?: string;
}

export type SaidStatistics = Readonly<Partial<Record<(typeof STATISTICS)[number], number>>>;

export const IDLE: NativeProberStatus = {
  ...{ realtime: true, locked: true, stalls: 0, longestStallMs: 0 },
  ...{ unsent: 0, forged: 0, wrongInterface: 0, dropped: 0 },
};

/** What the addon throws where the system refuses. */
export function refusalOf(operation: string, errno: number): Error {
  return Object.assign(new Error(`${operation} refused`), { operation, errno, text: "" });
}

export class StandInThread implements NativeProber {
  readonly options: NativeProberOptions;
  readonly changes: { readonly put: readonly NativeProbePath[]; readonly removed: readonly number[] }[] = [];
  readonly answersWanted: boolean[] = [];
  links: ReadonlyMap<string, number> = new Map();
  questions = 0;
  closings = 0;
  drains = 0;
  refusal: Error | undefined;
  present = IDLE;
  readonly #callback: NativeProberCallback;

  constructor(options: NativeProberOptions, callback: NativeProberCallback) {
    this.options = options;
    this.#callback = callback;
  }

  linkIndexes(names: readonly string[]): readonly number[] {
    return names.map((name) => this.links.get(name) ?? 0);
  }

  change(put: readonly NativeProbePath[], removed: readonly number[]): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.changes.push({ put, removed });
  }

  statistics(): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.questions++;
  }

  recordAnswers(wanted: boolean): void {
    this.answersWanted.push(wanted);
  }

  status(): NativeProberStatus {
    assert.equal(this.closings, 0, "status() of a thread that has ended");
    return this.present;
  }

  drain(): void {
    this.drains++;
  }

  close(): void {
    this.closings++;
  }

  /** As one batch. */
  say(...records: readonly SaidRecord[]): void {
    for (const [at, record] of records.entries()) {
      write(new DataView(this.options.records, at * RECORD.bytes, RECORD.bytes), record);
    }
    this.#callback(records.length, undefined);
  }

  /** To the oldest question; columns that are not named are NaN. */
  answer(...rows: readonly SaidStatistics[]): void {
    const numbers = rows.flatMap((row) => STATISTICS.map((column) => row[column] ?? Number.NaN));
    this.#callback(0, Float64Array.from(numbers));
  }
}

function write(view: DataView, record: SaidRecord): void {
  const none = Number.NaN;
  view.setUint32(RECORD.kind, RECORD_KINDS.indexOf(record.kind), true);
  view.setUint32(RECORD.path, record.path, true);
  view.setUint32(RECORD.target, record.target ?? 0, true);
  view.setUint32(RECORD.errno, record.errno ?? 0, true);
  view.setFloat64(RECORD.sequence, record.sequence ?? 0, true);
  view.setFloat64(RECORD.sentAt, record.sentAt ?? none, true);
  view.setFloat64(RECORD.roundTripMs, record.roundTripMs ?? none, true);
  view.setFloat64(RECORD.handledAt, record.handledAt ?? none, true);
  const from = record.from === undefined ? new Uint8Array(16) : octetsOf(record.from);
  assert.ok(from);
  for (const [at, octet] of from.entries()) view.setUint8(RECORD.from + at, octet);
}

/** A class to hand to who opens a thread, and the thread that was opened. */
export function standIn(): { readonly Thread: NativeProberConstructor; readonly thread: () => StandInThread } {
  let made: StandInThread | undefined;
  class Thread extends StandInThread {
    constructor(options: NativeProberOptions, callback: NativeProberCallback) {
      super(options, callback);
      made = this;
    }
  }
  const thread = () => made ?? assert.fail("no thread was opened");
  return { Thread, thread };
}
