/** Times of the probing thread (CLOCK_MONOTONIC, ms) -> times that programs work with. */

/** `Date.now()` has no fractions; what differs by more is a clock that was set, or that drifted. */
const SET_MS = 10;

export class ProbeClock {
  /** CLOCK_MONOTONIC at the zero of `performance.now()`: the same clock, begun anew in each thread. */
  readonly #zeroMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  #originMs = performance.timeOrigin;

  /** Follows a clock that was set. Cheap enough for every batch. */
  follow(): void {
    const originMs = Date.now() - performance.now();
    if (Math.abs(originMs - this.#originMs) > SET_MS) this.#originMs = originMs;
  }

  /** On the clock of `performance.now()`. */
  monotonic(ms: number): number {
    return ms - this.#zeroMs;
  }

  /** As `Date.now()`, with fractions. */
  wall(ms: number): number {
    return this.#originMs + this.monotonic(ms);
  }
}
