/**
 * The failure detection time of one group. Probes leave in steps of a seventh of it: five may be lost, and the other two make up
 * for the jitter and for the probe that is still under way. Targets that answer too slowly for that raise it, and it comes down
 * again by halves once all are fast.
 */
/** So many make a verdict where nothing is lost by chance. */
const LOSSES = 5;
/** These, and two more steps. */
const STEPS = 7;
/** From here on the step is a whole number of ms, as in Solaris; below, rounding would cost too much of it. */
const LEAST_FOR_WHOLE_STEPS_MS = 100;
/** The step in force is so many times the round trip of the slowest target. */
const RAISE_FACTOR = 2;
/** A router that answers once a second can be probed by several members in this time, whatever cap there is. */
const LEAST_CAP_FOR_LIMITS_MS = 20_000;
/** After a raise it stays for so long. */
const SETTLING_MS = 60_000;

function stepOf(detectionTimeMs: number): number {
  const step = detectionTimeMs / STEPS;
  return detectionTimeMs >= LEAST_FOR_WHOLE_STEPS_MS ? Math.floor(step) : step;
}

export class DetectionTime {
  #configuredMs: number;
  #capMs: number;
  /** Raised for slow targets. */
  #forSlowMs: number;
  /** Of the step, for targets that limit their answers. */
  #factor = 1;
  /** So many losses make a verdict: some are lost by chance. */
  #losses = LOSSES;
  #detectionIntervalMs: number;
  #raisedAt = Number.NEGATIVE_INFINITY;

  /** A cap below the configured time counts as that time: nothing is raised then. */
  constructor(configuredMs: number, capMs: number) {
    this.#configuredMs = configuredMs;
    this.#capMs = Math.max(configuredMs, capMs);
    this.#forSlowMs = configuredMs;
    this.#detectionIntervalMs = stepOf(configuredMs);
  }

  /** As asked for. */
  get configuredMs(): number {
    return this.#configuredMs;
  }

  /** The most it is raised to. */
  get capMs(): number {
    return this.#capMs;
  }

  /** The most it is raised to for targets that limit their answers. */
  get mostSlowedDownMs(): number {
    return Math.max(this.#capMs, LEAST_CAP_FOR_LIMITS_MS);
  }

  /** The one in force. */
  get effectiveMs(): number {
    const pacedMs = this.#pacedMs;
    return this.#losses === LOSSES ? pacedMs : Math.round(this.#detectionIntervalMs * (this.#losses + STEPS - LOSSES));
  }

  /** Probes leave in steps of this (T in the books), unless they are slowed down. */
  get intervalMs(): number {
    return stepOf(Math.min(this.#configuredMs * this.#factor, this.#pacedMs));
  }

  /** Those that count for failure leave in steps of this; it is greater than `intervalMs` while the time is raised. */
  get detectionIntervalMs(): number {
    return this.#detectionIntervalMs;
  }

  /** For slow targets. */
  get isRaised(): boolean {
    return this.#forSlowMs > this.#configuredMs;
  }

  /** For targets that limit their answers. */
  get isSlowedDown(): boolean {
    return this.#factor > 1;
  }

  /** So often the step has been doubled for them. */
  get doublings(): number {
    return Math.log2(this.#factor);
  }

  /** Doubles the step as far as limits of answers may; false where that changes nothing. */
  slowDown(): boolean {
    if (this.#pacedMs >= this.mostSlowedDownMs) return false;
    this.#factor *= 2;
    this.#losses = LOSSES;
    this.#follow();
    return true;
  }

  /** Takes back one doubling. */
  speedUp(): void {
    this.#factor = Math.max(1, this.#factor / 2);
    this.#losses = LOSSES;
    this.#follow();
  }

  /** A verdict takes so many losses in a row. */
  expectLosses(losses: number): void {
    this.#losses = losses;
  }

  /** Would a target of this round trip need more than the cap allows? */
  exceedsCap(roundTripMs: number): boolean {
    return STEPS * Math.ceil(RAISE_FACTOR * roundTripMs) > this.#capMs;
  }

  /** Makes room for a target of this round trip, as far as the cap allows; false where that changes nothing. */
  raise(roundTripMs: number, now: number): boolean {
    const wantedMs = STEPS * Math.ceil(RAISE_FACTOR * roundTripMs);
    const raisedMs = Math.min(wantedMs, this.#capMs);
    if (raisedMs <= this.#forSlowMs) return false;
    this.#set(raisedMs);
    this.#raisedAt = now;
    return true;
  }

  /** It is raised, and was not raised only lately. */
  mayBeLowered(now: number): boolean {
    return this.isRaised && now - this.#raisedAt > SETTLING_MS;
  }

  /** Halves it, in whole ms, though not below what was asked for. */
  lower(): void {
    this.#set(Math.max(Math.floor(this.#forSlowMs / 2), this.#configuredMs));
  }

  /** A new configuration: what was raised for slow targets stays raised as far as the new one allows. */
  configure(configuredMs: number, capMs: number): void {
    const raisedMs = this.isRaised ? this.#forSlowMs : 0;
    this.#configuredMs = configuredMs;
    this.#capMs = Math.max(configuredMs, capMs);
    this.#set(Math.max(configuredMs, Math.min(raisedMs, this.#capMs)));
  }

  get #pacedMs(): number {
    return this.#factor === 1 ? this.#forSlowMs : Math.min(this.#forSlowMs * this.#factor, this.mostSlowedDownMs);
  }

  #set(forSlowMs: number): void {
    this.#forSlowMs = forSlowMs;
    this.#follow();
  }

  #follow(): void {
    this.#detectionIntervalMs = stepOf(this.#pacedMs);
  }
}
