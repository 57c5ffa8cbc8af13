/** The prober as a library: asks other hosts whether they are there, as often as wanted, and tells what became of each probe. */
import { EventEmitter } from "node:events";
import { readCount, readFlag, readObject, readText, refuse } from "./arguments.ts";
import { type EngineListener, ProbeEngine } from "./engine.ts";
import { closedError } from "./errors.ts";
import { ProbeClock } from "./probe-clock.ts";
import type { ProbePath } from "./probe-path.ts";
import {
  type AnsweredResult,
  type DiscoveredResult,
  type LostResult,
  type ProberResult,
  type RefusedResult,
  resultOf,
  type UnsentResult,
} from "./prober-result.ts";
import { type LibraryPath, readPaths } from "./read-paths.ts";
import type { ProbeRecord, RecordKind } from "./record-reader.ts";
import { ResultStream, type ResultStreamOptions } from "./result-stream.ts";
import type { ProberStatus, TargetStatistics } from "./statistics.ts";

export interface ProberOptions {
  /** Path of the network namespace to probe in, e.g. /run/netns/blue. Default: that of the calling thread. */
  readonly namespace?: string;
  /** Ask for SCHED_FIFO and locked memory for the probing thread; goes on without where refused. Default true. */
  readonly realtime?: boolean;
}

/** `result` hears of every kind. */
export interface ProberEvents {
  answered: [AnsweredResult];
  lost: [LostResult];
  unsent: [UnsentResult];
  refused: [RefusedResult];
  discovered: [DiscoveredResult];
  result: [ProberResult];
}

/** Of one target of a path. */
export interface ProberStatistics extends TargetStatistics {
  readonly interface: string;
  /** As given with the path, or "". */
  readonly name: string;
}

/** Opens the engine, given who listens to it. */
type OpenEngine = (listener: EngineListener<LibraryPath>) => ProbeEngine<LibraryPath>;

const QUEUE_LIMIT = 10_000;
const LARGEST_QUEUE_LIMIT = 10_000_000;
const LONGEST_PATH = 4096;

/** Keeps the process alive until it is closed, like a server. */
export class Prober extends EventEmitter<ProberEvents> {
  readonly #engine: ProbeEngine<LibraryPath>;
  readonly #clock = new ProbeClock();
  readonly #streams = new Set<ResultStream>();
  #closed = false;

  /**
   * Starts the probing thread, with nothing to do yet.
   * @throws {KernelError} where the native addon or CAP_NET_RAW is missing, or the namespace can not be entered; {ProberError}
   *   BAD_ARGUMENT
   */
  static open(options: ProberOptions = {}): Prober {
    const { namespace = "", realtime = true } = readObject<ProberOptions>("options", options, [
      "namespace",
      "realtime",
    ]);
    const netns = readText("options.namespace", namespace, LONGEST_PATH);
    const engineOptions = { netns, realtime: readFlag("options.realtime", realtime) };
    return new Prober((listener) => ProbeEngine.open(engineOptions, listener));
  }

  /** For `open`, and for programs that simulate the network. */
  constructor(open: OpenEngine) {
    super();
    this.#engine = open({ records: (records) => this.#deliver(records) });
    this.#engine.recordAnswers(false);
    this.#watchListeners();
  }

  /**
   * From now on exactly these paths are probed: the whole list, which replaces the one before. A path with the interface, source,
   * method and name of one before is the same: if nothing else differs it goes on undisturbed, else it changes at its next
   * step, and its numbers and counters go on. Names of interfaces are looked up now: call again when one was made anew.
   * @throws {ProberError} BAD_ARGUMENT, UNKNOWN_INTERFACE, CLOSED; {KernelError}. Nothing has been changed then.
   */
  probe(paths: readonly ProbePath[]): void {
    if (this.#closed) throw closedError("other paths");
    this.#engine.replace(readPaths(paths, (names) => this.#engine.linkIndexes(names)));
  }

  /**
   * Every result from this call on, for `for await`. Ends with `signal`, with `break`, and (when what waits has been read) with
   * `close`. A reader that falls behind loses the oldest: see `dropped` of what is returned.
   * @throws {ProberError} BAD_ARGUMENT, CLOSED
   */
  results(options: ResultStreamOptions = {}): ResultStream {
    if (this.#closed) throw closedError("results");
    const { limit = QUEUE_LIMIT, signal } = readObject<ResultStreamOptions>("options", options, ["limit", "signal"]);
    if (signal !== undefined && !(signal instanceof AbortSignal)) refuse("options.signal", signal, "an AbortSignal");
    const most = readCount("options.limit", limit, LARGEST_QUEUE_LIMIT);
    const stream = new ResultStream(most, signal, (ended) => {
      this.#streams.delete(ended);
      this.#decideOnAnswers();
    });
    if (stream.open) this.#streams.add(stream);
    this.#decideOnAnswers();
    return stream;
  }

  /**
   * Everything counted since each target was first asked, in the order of the paths, also of answers that nobody listens to.
   * Targets that a path asked before, and does not ask at present, come last.
   * Rejects with {ProberError} CLOSED when the prober is closed before.
   */
  async statistics(): Promise<readonly ProberStatistics[]> {
    const all = await this.#engine.statistics();
    return all.map(({ path, statistics }) => ({ interface: path.interface, name: path.name, ...statistics }));
  }

  /** What the thread was allowed, and how it fared; once closed: as it was then. */
  status(): ProberStatus {
    return this.#engine.status();
  }

  /** Ends the thread and all iterations; nothing is emitted afterwards. Closing twice is no error. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.close();
    for (const stream of [...this.#streams]) stream.finish();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Also takes away those that tell us who listens: they are put back. */
  override removeAllListeners(...events: readonly [event?: keyof ProberEvents]): this {
    super.removeAllListeners(...events);
    this.#watchListeners();
    return this;
  }

  /** Answers are by far the most results: as long as nobody listens, the thread only counts them. */
  #watchListeners(): void {
    hearOfListeners(
      this,
      (event) => {
        if (event === "answered" || event === "result") this.#engine.recordAnswers(true);
      },
      () => this.#decideOnAnswers(),
    );
    this.#decideOnAnswers();
  }

  #decideOnAnswers(): void {
    this.#engine.recordAnswers(this.#isWanted("answered"));
  }

  #isWanted(kind: RecordKind): boolean {
    return this.#streams.size > 0 || this.listenerCount("result") > 0 || this.listenerCount(kind) > 0;
  }

  /** Whoever is told may close us. */
  #deliver(records: readonly ProbeRecord<LibraryPath>[]): void {
    this.#clock.follow();
    for (const record of records) {
      if (this.#closed) return;
      if (this.#isWanted(record.kind)) this.#tell(resultOf(record, this.#clock));
    }
  }

  #tell(result: ProberResult | undefined): void {
    if (result === undefined) return;
    for (const stream of this.#streams) stream.push(result);
    (this as EventEmitter).emit(result.kind, result);
    if (!this.#closed) this.emit("result", result);
  }
}

/** `added` is told of a listener that is about to be added, `removed` of one that was removed. */
function hearOfListeners(emitter: EventEmitter, added: (event: string) => void, removed: () => void): void {
  if (emitter.listenerCount("newListener") === 0) emitter.on("newListener", added);
  if (emitter.listenerCount("removeListener") === 0) emitter.on("removeListener", removed);
}
