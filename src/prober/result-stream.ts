/** Results for `for await`, with a bounded queue: a reader that falls behind loses the oldest, and is told how many. */
import type { ProberResult } from "./prober-result.ts";

export interface ResultStreamOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** So many results wait for a slow reader at most. Default 10,000. */
  readonly limit?: number;
}

type Next = IteratorResult<ProberResult, undefined>;

const END: Next = { done: true, value: undefined };

export class ResultStream implements AsyncIterableIterator<ProberResult, undefined> {
  readonly #limit: number;
  readonly #ended: (stream: ResultStream) => void;
  readonly #signal: AbortSignal | undefined;
  /** A ring: `#count` results from `#first` on. */
  readonly #queue: ProberResult[] = [];
  readonly #readers: ((next: Next) => void)[] = [];
  readonly #abort = () => this.#end();
  #first = 0;
  #count = 0;
  #dropped = 0;
  #open = true;

  /** @param ended called once, when no more results are wanted */
  constructor(limit: number, signal: AbortSignal | undefined, ended: (stream: ResultStream) => void) {
    this.#limit = limit;
    this.#ended = ended;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#end();
  }

  /** So many results were thrown away because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether more may come. */
  get open(): boolean {
    return this.#open;
  }

  push(result: ProberResult): void {
    if (!this.#open) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader({ done: false, value: result });
    else this.#keep(result);
  }

  /** No more will come; what waits can still be read. */
  finish(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const reader of this.#readers.splice(0)) reader(END);
    this.#ended(this);
  }

  next(): Promise<Next> {
    const result = this.#take();
    if (result !== undefined) return Promise.resolve({ done: false, value: result });
    if (!this.#open) return Promise.resolve(END);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** What `break` in a `for await` calls. */
  return(): Promise<Next> {
    this.#end();
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#queue.length = 0;
    this.#count = 0;
    this.finish();
  }

  #keep(result: ProberResult): void {
    if (this.#count === this.#limit) {
      this.#take();
      this.#dropped++;
    }
    this.#queue[(this.#first + this.#count) % this.#limit] = result;
    this.#count++;
  }

  #take(): ProberResult | undefined {
    if (this.#count === 0) return undefined;
    const result = this.#queue[this.#first];
    this.#first = (this.#first + 1) % this.#limit;
    this.#count--;
    return result;
  }
}
