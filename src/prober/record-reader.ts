/** Records of the probing thread -> objects. Many thousand per second: nothing is allocated for each of them. */
import { RECORD, RECORD_KINDS } from "../kernel/native-prober.ts";
import { textOf } from "./ip-octets.ts";
import type { BookedTarget, EnginePath, PathBook } from "./path-book.ts";

export type RecordKind = Exclude<(typeof RECORD_KINDS)[number], "">;

/** What became of a probe. Fields that its kind does not have are 0 or "". Used again for a later one. */
export interface ProbeRecord<Path> {
  kind: RecordKind;
  /** As it was last put in force. */
  path: Path;
  /** "" of `discovered`. */
  target: string;
  /** Grows by one per counted probe of a path. */
  sequence: number;
  /** CLOCK_MONOTONIC, ms. */
  sentAt: number;
  roundTripMs: number;
  /** CLOCK_MONOTONIC, ms: when the reply was read. */
  handledAt: number;
  /** Who replied: of `answered` and `discovered`. */
  from: string;
  /** Of `refused`. */
  errno: number;
}

const WORD_BYTES = 4;
const DOUBLE_BYTES = 8;

/** Places of the fields, in words and in doubles: every processor that we run on is little endian, as the records are. */
const WORDS = {
  record: RECORD.bytes / WORD_BYTES,
  kind: RECORD.kind / WORD_BYTES,
  path: RECORD.path / WORD_BYTES,
  target: RECORD.target / WORD_BYTES,
  errno: RECORD.errno / WORD_BYTES,
  from: RECORD.from / WORD_BYTES,
} as const;
const DOUBLES = {
  record: RECORD.bytes / DOUBLE_BYTES,
  sequence: RECORD.sequence / DOUBLE_BYTES,
  sentAt: RECORD.sentAt / DOUBLE_BYTES,
  roundTripMs: RECORD.roundTripMs / DOUBLE_BYTES,
  handledAt: RECORD.handledAt / DOUBLE_BYTES,
} as const;

export class RecordReader<Path extends EnginePath> {
  readonly #book: PathBook<Path>;
  readonly #octets: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #pool: ProbeRecord<Path>[] = [];

  constructor(records: ArrayBuffer, book: PathBook<Path>) {
    this.#book = book;
    this.#octets = new Uint8Array(records);
    this.#words = new Uint32Array(records);
    this.#doubles = new Float64Array(records);
  }

  /** The first `count` records, without those of paths and targets that are not in force any more. */
  read(count: number): readonly ProbeRecord<Path>[] {
    let taken = 0;
    for (let at = 0; at < count; at++) if (this.#read(at, taken)) taken++;
    return this.#pool.slice(0, taken);
  }

  /** Fills the object at `slot`; false where nobody wants to know any more. */
  #read(at: number, slot: number): boolean {
    const words = this.#words;
    const first = at * WORDS.record;
    const booked = this.#book.get(words[first + WORDS.path] as number);
    if (booked === undefined) return false;
    const kind = RECORD_KINDS[words[first + WORDS.kind] as number] as RecordKind;
    const target = booked.targets[words[first + WORDS.target] as number];
    if (target === undefined && kind !== "discovered") return false;
    const record = this.#slot(slot, booked.path);
    record.kind = kind;
    record.path = booked.path;
    record.target = target === undefined ? "" : target.address;
    record.errno = words[first + WORDS.errno] as number;
    this.#readNumbers(at, record);
    record.from = kind === "answered" || kind === "discovered" ? this.#from(at, booked.path, target) : "";
    return true;
  }

  #readNumbers(at: number, record: ProbeRecord<Path>): void {
    const doubles = this.#doubles;
    const first = at * DOUBLES.record;
    record.sequence = doubles[first + DOUBLES.sequence] as number;
    record.sentAt = doubles[first + DOUBLES.sentAt] as number;
    record.roundTripMs = doubles[first + DOUBLES.roundTripMs] as number;
    record.handledAt = doubles[first + DOUBLES.handledAt] as number;
  }

  /** Nearly always whom we asked: then no text is made. */
  #from(at: number, { family }: Path, target: BookedTarget | undefined): string {
    if (target !== undefined && this.#isFrom(at, target)) return target.address;
    return textOf(family, this.#octets, at * RECORD.bytes + RECORD.from);
  }

  #isFrom(at: number, { words }: BookedTarget): boolean {
    const first = at * WORDS.record + WORDS.from;
    for (let word = 0; word < words.length; word++) if (this.#words[first + word] !== words[word]) return false;
    return true;
  }

  #slot(slot: number, path: Path): ProbeRecord<Path> {
    this.#pool[slot] ??= emptyRecord(path);
    return this.#pool[slot];
  }
}

/** NaN where fractions will be: an integer would have the engine of JavaScript lay out the object anew. */
function emptyRecord<Path>(path: Path): ProbeRecord<Path> {
  const { NaN: none } = Number;
  const times = { sequence: none, sentAt: none, roundTripMs: none, handledAt: none };
  return { kind: "lost", path, target: "", ...times, from: "", errno: 0 };
}
