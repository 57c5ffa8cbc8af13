/**
 * How long one target takes to answer, by the estimator of TCP (Jacobson): a smoothed mean, and its mean deviation. The sum of
 * the mean and four deviations is the conservative round trip: an answer that takes longer counts as late.
 */
export class RoundTrip {
  /** Eight times the mean, which is what the estimator works with. */
  #smoothed = 0;
  /** Four times the mean deviation. */
  #variation = 0;
  #sampled = false;
  /** A sample that looked like a mere spike, held back until the next one confirms it. */
  #suspectMs: number | undefined;
  /** When the first answer arrived (monotonic ms). */
  #answeredSince = Number.POSITIVE_INFINITY;

  /** Ms; 0 before the first sample. */
  get conservativeMs(): number {
    return this.#smoothed / 8 + this.#variation;
  }

  get meanMs(): number | undefined {
    return this.#sampled ? this.#smoothed / 8 : undefined;
  }

  get deviationMs(): number | undefined {
    return this.#sampled ? this.#variation / 4 : undefined;
  }

  /** An answer has arrived. True where its probe left when one had arrived before. */
  noteAnswer(sentAt: number, arrivedAt: number): boolean {
    const wasKnown = sentAt >= this.#answeredSince;
    this.#answeredSince = Math.min(this.#answeredSince, arrivedAt);
    return wasKnown;
  }

  /** What lies between may be new: the next answer is a first one again. What was measured stays. */
  awaitFirstAnswer(): void {
    this.#answeredSince = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the round trip of a counted probe. One that alone would push the conservative round trip above `limitMs` is held back;
   * if the next one does so, too, both are applied, else it is forgotten.
   */
  sample(roundTripMs: number, limitMs: number): void {
    const suspectMs = this.#suspectMs;
    this.#suspectMs = undefined;
    const isSuspect = this.#conservativeWith(roundTripMs) > limitMs;
    if (isSuspect && suspectMs === undefined) {
      this.#suspectMs = roundTripMs;
      return;
    }
    if (isSuspect && suspectMs !== undefined) this.#apply(suspectMs);
    this.#apply(roundTripMs);
  }

  /** Takes that of a probe that only measures: it may lower the conservative round trip, never raise it. */
  sampleMeasured(roundTripMs: number): void {
    if (this.#conservativeWith(roundTripMs) < this.conservativeMs) this.#apply(roundTripMs);
  }

  reset(): void {
    this.#smoothed = 0;
    this.#variation = 0;
    this.#sampled = false;
    this.#suspectMs = undefined;
    this.awaitFirstAnswer();
  }

  #conservativeWith(roundTripMs: number): number {
    if (!this.#sampled) return 3 * roundTripMs;
    const error = roundTripMs - this.#smoothed / 8;
    return (this.#smoothed + error) / 8 + this.#variation + Math.abs(error) - this.#variation / 4;
  }

  #apply(roundTripMs: number): void {
    if (!this.#sampled) {
      this.#sampled = true;
      this.#smoothed = 8 * roundTripMs;
      this.#variation = 2 * roundTripMs;
      return;
    }
    const error = roundTripMs - this.#smoothed / 8;
    this.#smoothed += error;
    this.#variation += Math.abs(error) - this.#variation / 4;
  }
}
