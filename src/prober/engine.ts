/** The probing thread as seen from JavaScript: whole lists of paths go in, batches of results come out. */
import { setImmediate } from "node:timers";
import { withKernelErrors } from "../kernel/errors.ts";
import { native } from "../kernel/native.ts";
import { type NativeProber, type NativeProberConstructor, RECORD } from "../kernel/native-prober.ts";
import { closedError } from "./errors.ts";
import { type EnginePath, PathBook } from "./path-book.ts";
import { type ProbeRecord, RecordReader } from "./record-reader.ts";
import type { ProberStatus } from "./statistics.ts";
import { type PathStatistics, readStatistics } from "./statistics-table.ts";

export interface EngineOptions {
  /** Path of the network namespace to probe in (/run/netns/NAME); absent: the caller's own. */
  readonly netns?: string;
  /** Ask for real-time scheduling and locked memory; refused is no error, see status(). */
  readonly realtime: boolean;
  /** Room for results that have not been fetched yet; when it is full, results are dropped and counted. */
  readonly ringRecords?: number;
}

export interface EngineListener<Path> {
  /**
   * In the order in which they became known. Called from the event loop, never from within another call. The objects are used
   * again for the next batch: whoever wants to keep one copies it.
   */
  records(records: readonly ProbeRecord<Path>[]): void;
}

interface Asker<Path> {
  readonly resolve: (statistics: readonly PathStatistics<Path>[]) => void;
  readonly reject: (reason: Error) => void;
}

/** 2 MiB: what arrives in a tenth of a second of flood, or in many seconds of failure detection. */
const RING_RECORDS = 32_768;

/** So many are handed over at a time: enough that a call costs little for each, few enough to stay in the cache. */
const BATCH_RECORDS = 1024;

export class ProbeEngine<Path extends EnginePath> {
  readonly #native: NativeProber;
  readonly #listener: EngineListener<Path>;
  readonly #book = new PathBook<Path>();
  readonly #reader: RecordReader<Path>;
  readonly #askers: Asker<Path>[] = [];
  #answersWanted = true;
  /** Once closed. */
  #lastStatus: ProberStatus | undefined;

  /**
   * Starts the thread, with nothing to do.
   * @param prober the addon's class, unless another one is to stand in for it
   * @throws KernelError where the addon is missing, or a privilege is
   */
  static open<Path extends EnginePath>(
    options: EngineOptions,
    listener: EngineListener<Path>,
    prober: NativeProberConstructor = native().Prober,
  ): ProbeEngine<Path> {
    const privileges = `CAP_NET_RAW${options.netns ? ", and CAP_SYS_ADMIN to enter another network namespace" : ""}`;
    return withKernelErrors(() => new ProbeEngine(options, listener, prober), privileges);
  }

  private constructor(options: EngineOptions, listener: EngineListener<Path>, Prober: NativeProberConstructor) {
    const { netns = "", realtime, ringRecords = RING_RECORDS } = options;
    const records = new ArrayBuffer(BATCH_RECORDS * RECORD.bytes);
    this.#listener = listener;
    this.#reader = new RecordReader(records, this.#book);
    this.#native = new Prober({ netns, realtime, ringRecords, records }, (count, statistics) => {
      // First of all, or the end of what follows by an exception would be the end of all.
      setImmediate(() => this.#native.drain());
      if (statistics !== undefined) this.#answer(statistics);
      this.#deliver(count);
    });
  }

  /** Indexes of the links with these names as they are now, 0 where there is none. @throws KernelError, ProberError CLOSED */
  linkIndexes(names: readonly string[]): readonly number[] {
    if (this.#closed) throw closedError("indexes of interfaces");
    return withKernelErrors(() => this.#native.linkIndexes(names));
  }

  /**
   * From now on exactly these paths are probed. Those that are equal to one in force go on undisturbed; one that has the key of
   * another goes on in its place. Keys must differ.
   * @throws KernelError, ProberError CLOSED; nothing has been changed then
   */
  replace(paths: readonly Path[]): void {
    if (this.#closed) throw closedError("other paths");
    const difference = this.#book.compare(paths);
    const { put, removed } = difference;
    if (put.length > 0 || removed.length > 0) withKernelErrors(() => this.#native.change(put, removed));
    this.#book.commit(difference);
  }

  /**
   * Everything counted since each target was first asked, in the order of the paths; those that a path does not ask at present
   * come last. Rejects once closed: ProberError CLOSED.
   */
  statistics(): Promise<readonly PathStatistics<Path>[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError("the statistics");
      withKernelErrors(() => this.#native.statistics());
      this.#askers.push({ resolve, reject });
    });
  }

  /** Once closed: as it was then. */
  status(): ProberStatus {
    return this.#lastStatus ?? this.#native.status();
  }

  /** Whether `answered` is told (as it is at first), or only counted. */
  recordAnswers(wanted: boolean): void {
    if (this.#closed || wanted === this.#answersWanted) return;
    withKernelErrors(() => this.#native.recordAnswers(wanted));
    this.#answersWanted = wanted;
  }

  /** Ends the thread; nothing is called back afterwards. Closing twice is no error. */
  close(): void {
    if (this.#closed) return;
    this.#lastStatus = this.#native.status();
    this.#native.close();
    for (const { reject } of this.#askers.splice(0)) reject(closedError("the statistics"));
  }

  get #closed(): boolean {
    return this.#lastStatus !== undefined;
  }

  /** Answers come in the order of the questions. */
  #answer(statistics: Float64Array): void {
    this.#askers.shift()?.resolve(readStatistics(statistics, this.#book));
  }

  /** The listener may close us at any time. */
  #deliver(count: number): void {
    if (this.#closed || count === 0) return;
    const records = this.#reader.read(count);
    if (records.length > 0) this.#listener.records(records);
  }
}
