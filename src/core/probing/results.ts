/** What the prober reports: it measures, the machine judges. */
import type { Family } from "../configuration.ts";

interface Probe {
  readonly index: number;
  readonly family: Family;
}

/** A probe that counts for failure and repair. Sequence numbers grow by one per probe of an index and family; they never wrap. */
interface CountedProbe extends Probe {
  readonly sequence: number;
  readonly target: string;
  /** Monotonic ms. */
  readonly sentAt: number;
}

export type ProbeResult =
  /**
   * A reply to it came, in time or late, for the first time or again; `from` need not be whom it was sent to. `roundTripMs` is the
   * network's share, by the kernel's time stamps; `handledAt` (monotonic ms) is when the reply was read.
   */
  | (CountedProbe & {
      readonly kind: "answered";
      readonly from: string;
      readonly roundTripMs: number;
      readonly handledAt: number;
      /** It proves nothing, as the prober knows: answered before, not by whom was asked, or too old. The judge finds that out itself. */
      readonly stray?: boolean;
      /** Of late this target has answered only what was sent to all: plain frames to it go astray. */
      readonly astray?: boolean;
    })
  /** When the next one was due its time was over, and the sockets had been read. */
  | (CountedProbe & { readonly kind: "lost" })
  /** We were late ourselves: it never left. */
  | (CountedProbe & { readonly kind: "unsent" })
  /** The kernel did not send it. */
  | (CountedProbe & { readonly kind: "refused"; readonly code: string; readonly text: string })
  /** A probe that only measures was answered. */
  | (Probe & { readonly kind: "measured"; readonly target: string; readonly roundTripMs: number })
  /** Somebody answered the question to all hosts. */
  | (Probe & { readonly kind: "discovered"; readonly from: string });
