/** Deeds that leave the machine. Each carries the event that caused it, so that the log can answer "why?". */
import type { Family } from "./configuration.ts";
import type { Announcement, KernelRequest } from "./kernel-state/kernel-objects.ts";
import type { Memory } from "./memory.ts";
import type { Message } from "./messages.ts";

export type Action =
  /**
   * Carry out in this order, as one sendmsg where possible; then send at once those of the announcements whose addresses were put in place
   * by it (see `announceable`); answer with `outcomes` of the same id.
   */
  | ({ readonly type: "apply"; readonly id: number; readonly cause: string } & Order)
  /** Send now. No outcome: repeats are scheduled by the machine. */
  | { readonly type: "announce"; readonly cause: string; readonly announcements: readonly Announcement[] }
  /** Read everything and answer with `dump`. */
  | { readonly type: "dump"; readonly cause: string; readonly settingsOf: readonly string[] }
  /** The whole set of armed failover plans; replaces the one before. */
  | { readonly type: "arm"; readonly cause: string; readonly plans: readonly FailoverPlan[] }
  /** Carry out the armed plan of this member alone now, if there is one; it is used up by that. Answer with `fired`. */
  | { readonly type: "fire"; readonly cause: string; readonly index: number }
  /** The links whose carrier is to be watched (indexes); replaces the set before. */
  | { readonly type: "watch"; readonly cause: string; readonly indexes: readonly number[] }
  /** The whole probe plan; replaces the one before. What is equal in both goes on undisturbed. */
  | { readonly type: "probe"; readonly cause: string; readonly plan: readonly ProbePlan[] }
  /** Keep this where a restart finds it, atomically; replaces what was kept before. */
  | { readonly type: "keep"; readonly cause: string; readonly memory: Memory }
  /** What became of the `request` of this id. */
  | {
      readonly type: "answer";
      readonly cause: string;
      readonly id: number;
      readonly refusal: RequestRefusal | undefined;
    }
  | { readonly type: "log"; readonly cause: string; readonly message: Message };

/** What is asked of the kernel, and what peers are to hear of it. */
export interface Order {
  readonly requests: readonly KernelRequest[];
  readonly announcements: readonly Announcement[];
}

/**
 * What the I/O thread does by itself the moment the carrier of `index` is lost, before the machine has heard of it. The plans of
 * its `members` alone are dropped by that.
 */
export interface FailoverPlan {
  readonly index: number;
  /** Links of the members that are lost with it: itself, and what stands on it. */
  readonly members: readonly number[];
  readonly announcements: readonly Announcement[];
  readonly requests: readonly KernelRequest[];
}

/** How one family of one member is to be probed. The key is `index` and `family`. */
export interface ProbePlan {
  readonly index: number;
  readonly family: Family;
  readonly method: ProbeMethod;
  /** Source of the probes: a test address, or a data address that the member hosts; 0.0.0.0 of ARP requests. */
  readonly source: string;
  /** Probes leave on a grid of this step (ms), each displaced by half to a whole step. */
  readonly intervalMs: number;
  /**
   * The step (ms) of the probes that count for failure. It is greater than `intervalMs` while the failure detection time is
   * raised; then probes that only measure the round trip leave in between.
   */
  readonly detectionIntervalMs: number;
  /** Asked in this order, cyclically. */
  readonly targets: readonly PlannedTarget[];
  /** Ask the multicast group of all hosts with every probe, too: there is no target, or too few. */
  readonly discover: boolean;
}

/**
 * `echo`: ICMP or ICMPv6 echo requests. `arp`: ARP requests that name no address of ours as sender, for members that have none
 * (IPv4 only; there is no `discover` with them).
 */
export type ProbeMethod = "echo" | "arp";

export interface PlannedTarget {
  readonly address: string;
  /** An answer that takes longer (ms) is late: the probe counts as lost when the next one is due, until the answer comes. */
  readonly timeoutMs: number;
}

/** Why an administrator's request was refused; it has changed nothing then. */
export type RequestRefusal =
  | "unknown-interface"
  | "already-offline"
  | "not-offline"
  | "minimum-redundancy"
  | "duplicate-hardware-address";

export interface StepResult {
  readonly actions: readonly Action[];
  /** Monotonic milliseconds at which the machine wants a `timer` event, or undefined. */
  readonly wakeAt: number | undefined;
}
