/** Deeds that leave the machine. Each carries the event that caused it, so that the log can answer "why?". */
import type { Announcement, KernelRequest } from "./kernel-state/kernel-objects.ts";
import type { Message } from "./messages.ts";

export type Action =
  /** Carry out in this order, as one sendmsg where possible; answer with `outcomes` of the same id. */
  | { readonly type: "apply"; readonly id: number; readonly cause: string; readonly requests: readonly KernelRequest[] }
  /** Send now. No outcome: repeats are scheduled by the machine. */
  | { readonly type: "announce"; readonly cause: string; readonly announcements: readonly Announcement[] }
  /** Read everything and answer with `dump`. */
  | { readonly type: "dump"; readonly cause: string; readonly settingsOf: readonly string[] }
  /** The whole set of armed failover plans; replaces the one before. */
  | { readonly type: "arm"; readonly cause: string; readonly plans: readonly FailoverPlan[] }
  /** The links whose carrier is to be watched (indexes); replaces the set before. */
  | { readonly type: "watch"; readonly cause: string; readonly indexes: readonly number[] }
  | { readonly type: "log"; readonly cause: string; readonly message: Message };

/** What the I/O thread does by itself the moment the carrier of `index` is lost, before the machine has heard of it. */
export interface FailoverPlan {
  readonly index: number;
  readonly announcements: readonly Announcement[];
  readonly requests: readonly KernelRequest[];
}

export interface StepResult {
  readonly actions: readonly Action[];
  /** Monotonic milliseconds at which the machine wants a `timer` event, or undefined. */
  readonly wakeAt: number | undefined;
}
