/** Notices when the prober itself came so late that probes remained unsent: nobody's fault but this host's. */
import type { ProberStatus } from "../prober/statistics.ts";

/** Told of at most once a minute. */
export interface Stall {
  /** Probes that were not sent, since the last time that it was told of. */
  readonly probes: number;
  /** The worst lateness since the prober began (ms). */
  readonly longestMs: number;
}

/** Asking for the status costs some microseconds. */
const LOOK_EVERY_MS = 1_000;
/** A host that is always late shall not fill its log with that. */
const TELL_EVERY_MS = 60_000;

export class StallWatch {
  #nextLookAt = Number.NEGATIVE_INFINITY;
  #toldOf = 0;

  /** To be called often; `status` is called only now and then. */
  look(now: number, status: () => ProberStatus): Stall | undefined {
    if (now < this.#nextLookAt) return undefined;
    const { unsent, longestStallMs } = status();
    const probes = unsent - this.#toldOf;
    this.#nextLookAt = now + (probes > 0 ? TELL_EVERY_MS : LOOK_EVERY_MS);
    this.#toldOf = unsent;
    return probes > 0 ? { probes, longestMs: longestStallMs } : undefined;
  }
}
