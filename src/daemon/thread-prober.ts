/** The prober port on the probing thread: carries out the machine's plan, and reports on the loop's clock. */
import type { ProbePlan } from "../core/actions.ts";
import type { ProbeResult } from "../core/probing/results.ts";
import { errnoName } from "../kernel/errors.ts";
import type { NativeProberConstructor } from "../kernel/native-prober.ts";
import { type EngineOptions, ProbeEngine } from "../prober/engine.ts";
import { errnoText } from "../prober/errno-text.ts";
import type { EnginePath } from "../prober/path-book.ts";
import type { ProbeRecord } from "../prober/record-reader.ts";
import type { ProberStatus, TargetStatistics } from "../prober/statistics.ts";
import { bootClockMs } from "./clocks.ts";
import type { ProberListener, ProberPort } from "./prober-port.ts";

type Kind = ProbeResult["kind"];
type Writable<Result> = { -readonly [Field in keyof Result]: Result[Field] };
type Result<K extends Kind> = Writable<Extract<ProbeResult, { readonly kind: K }>>;

/** `errno` of answers. */
const STRAY = 1;
const ASTRAY = 2;

export class ThreadProber implements ProberPort {
  readonly #engine: ProbeEngine<EnginePath>;
  readonly #listener: ProberListener;
  readonly #results = new ResultPool();

  /** @throws KernelError where the addon is missing, or a privilege is */
  static open(options: EngineOptions, listener: ProberListener, prober?: NativeProberConstructor): ThreadProber {
    return new ThreadProber(options, listener, prober);
  }

  private constructor(options: EngineOptions, listener: ProberListener, prober?: NativeProberConstructor) {
    this.#listener = listener;
    this.#engine = ProbeEngine.open(options, { records: (records) => this.#deliver(records) }, prober);
  }

  plan(plans: readonly ProbePlan[]): void {
    const rest = { burst: 1, secondOpinion: true };
    this.#engine.replace(plans.map((plan) => ({ ...plan, key: `${plan.index}/${plan.family}`, ...rest })));
  }

  async statistics(): Promise<readonly TargetStatistics[]> {
    return (await this.#engine.statistics()).map(({ statistics }) => statistics);
  }

  status(): ProberStatus {
    return this.#engine.status();
  }

  close(): void {
    this.#engine.close();
  }

  #deliver(records: readonly ProbeRecord<EnginePath>[]): void {
    this.#listener.results(this.#results.of(records));
  }
}

/** Result objects that are used again and again: one shape for each kind. */
class ResultPool {
  /** CLOCK_MONOTONIC at the zero of `performance.now()`, which is the same clock, begun anew in each thread. */
  readonly #zeroMs = bootClockMs() - performance.now();
  readonly #answered = new Pool(answered);
  readonly #lost = new Pool(() => unanswered("lost"));
  readonly #unsent = new Pool(() => unanswered("unsent"));
  readonly #refused = new Pool(refused);
  readonly #measured = new Pool(measured);
  readonly #discovered = new Pool(discovered);

  /** Valid until the next call. */
  of(records: readonly ProbeRecord<EnginePath>[]): readonly ProbeResult[] {
    const pools = [this.#answered, this.#lost, this.#unsent, this.#refused, this.#measured, this.#discovered];
    for (const pool of pools) pool.reset();
    return records.map((record) => this.#of(record));
  }

  #of(record: ProbeRecord<EnginePath>): ProbeResult {
    switch (record.kind) {
      case "answered":
        return this.#reply(this.#counted(this.#answered.next(), record), record);
      case "lost":
        return this.#counted(this.#lost.next(), record);
      case "unsent":
        return this.#counted(this.#unsent.next(), record);
      case "refused":
        return refusal(this.#counted(this.#refused.next(), record), record);
      case "measured":
        return measurement(probe(this.#measured.next(), record), record);
      case "discovered":
        return discovery(probe(this.#discovered.next(), record), record);
    }
  }

  #counted<R extends Result<"answered" | "lost" | "unsent" | "refused">>(
    result: R,
    record: ProbeRecord<EnginePath>,
  ): R {
    result.sequence = record.sequence;
    result.target = record.target;
    result.sentAt = record.sentAt - this.#zeroMs;
    return probe(result, record);
  }

  #reply(result: Result<"answered">, record: ProbeRecord<EnginePath>): ProbeResult {
    result.from = record.from;
    result.roundTripMs = record.roundTripMs;
    result.handledAt = record.handledAt - this.#zeroMs;
    result.stray = record.errno === STRAY;
    result.astray = record.errno === ASTRAY;
    return result;
  }
}

function probe<R extends Writable<ProbeResult>>(result: R, { path }: ProbeRecord<EnginePath>): R {
  result.index = path.index;
  result.family = path.family;
  return result;
}

function refusal(result: Result<"refused">, { errno }: ProbeRecord<EnginePath>): ProbeResult {
  result.code = errnoName(errno);
  result.text = errnoText(errno);
  return result;
}

function measurement(result: Result<"measured">, record: ProbeRecord<EnginePath>): ProbeResult {
  result.target = record.target;
  result.roundTripMs = record.roundTripMs;
  return result;
}

function discovery(result: Result<"discovered">, { from }: ProbeRecord<EnginePath>): ProbeResult {
  result.from = from;
  return result;
}

class Pool<R> {
  readonly #make: () => R;
  readonly #made: R[] = [];
  #used = 0;

  constructor(make: () => R) {
    this.#make = make;
  }

  reset(): void {
    this.#used = 0;
  }

  next(): R {
    this.#made[this.#used] ??= this.#make();
    return this.#made[this.#used++] as R;
  }
}

const PROBE = { index: 0, family: 4 as const };
/** NaN where fractions will be: an integer would have the engine of JavaScript lay out the objects anew. */
const COUNTED = { ...PROBE, sequence: Number.NaN, target: "", sentAt: Number.NaN };

const MARKS = { stray: false, astray: false };

function answered(): Result<"answered"> {
  return { kind: "answered", ...COUNTED, from: "", roundTripMs: Number.NaN, handledAt: Number.NaN, ...MARKS };
}

function unanswered<K extends "lost" | "unsent">(kind: K): { kind: K } & Omit<Result<"lost">, "kind"> {
  return { kind, ...COUNTED };
}

function refused(): Result<"refused"> {
  return { kind: "refused", ...COUNTED, code: "", text: "" };
}

function measured(): Result<"measured"> {
  return { kind: "measured", ...PROBE, target: "", roundTripMs: Number.NaN };
}

function discovered(): Result<"discovered"> {
  return { kind: "discovered", ...PROBE, from: "" };
}
