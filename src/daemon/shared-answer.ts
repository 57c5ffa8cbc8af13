/**
 * An answer that many may ask for: those who ask while one is on its way share it, and one that is still young serves again. So
 * a crowd of users costs whoever answers no more than one user does.
 */
export class SharedAnswer<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #youngMs: number;
  #latest: Promise<Answer> | undefined;
  #oldAt = Number.NEGATIVE_INFINITY;

  /** @param youngMs an answer serves for so long after it has come */
  constructor(ask: () => Promise<Answer>, youngMs: number) {
    this.#ask = ask;
    this.#youngMs = youngMs;
  }

  /** Rejects as the question does. */
  get(): Promise<Answer> {
    if (this.#latest !== undefined && performance.now() < this.#oldAt) return this.#latest;
    this.#oldAt = Number.POSITIVE_INFINITY;
    this.#latest = this.#ask().finally(() => {
      this.#oldAt = performance.now() + this.#youngMs;
    });
    return this.#latest;
  }
}
