/**
 * Hands probe events from the control worker to the main thread: one batch at a time, the next when that one has been taken.
 * So a main thread that is busy is sent no more than it can fetch, and the worker keeps no more than a limit.
 */
import type { ProbeEvent } from "../control/probes.ts";

/** A second of 64 interfaces that are probed every 7 ms; some 3 MB. */
const MOST_WAITING = 10_000;

export class ProbeOutbox {
  readonly #post: (events: readonly ProbeEvent[]) => void;
  readonly #most: number;
  #waiting: ProbeEvent[] = [];
  #missed = 0;
  #underWay = false;

  constructor(post: (events: readonly ProbeEvent[]) => void, most = MOST_WAITING) {
    this.#post = post;
    this.#most = most;
  }

  /** What finds no room is left out; the next event that finds some tells how many they were. */
  put(events: readonly ProbeEvent[]): void {
    for (const event of events) this.#keep(event);
    this.#send();
  }

  /** The batch before has been taken. */
  taken(): void {
    this.#underWay = false;
    this.#send();
  }

  /** Nobody looks any more: what waits is thrown away. */
  clear(): void {
    this.#waiting = [];
    this.#missed = 0;
  }

  #keep(event: ProbeEvent): void {
    if (this.#waiting.length >= this.#most) {
      this.#missed += 1;
      return;
    }
    this.#waiting.push(this.#missed === 0 ? event : { ...event, missed: this.#missed });
    this.#missed = 0;
  }

  #send(): void {
    if (this.#underWay || this.#waiting.length === 0) return;
    this.#underWay = true;
    this.#post(this.#waiting);
    this.#waiting = [];
  }
}
