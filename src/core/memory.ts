/**
 * What must not be forgotten when the daemon is restarted or dies: what an administrator did, and what was found out and can not
 * be seen at a glance. Everything else is read from the kernel. Times are monotonic ms on the clock of `step`; who stores
 * them converts (they may be negative after a restart). A reboot ends it all.
 */
export interface Memory {
  readonly members: readonly MemberMemory[];
}

export interface MemberMemory {
  readonly group: string;
  readonly interface: string;
  /** It is out of service, for the `reason` below. */
  readonly offline: boolean;
  readonly failed: boolean;
  /** Why it is in the state it is in: see `StateReason`. */
  readonly reason: StateReason;
  /** Why it failed last: whom probes have failed, or whom they have still to confirm, only answers repair. */
  readonly failedFor: StateReason;
  /** Since when it is in that state. */
  readonly since: number;
  /** The last link-ups and repairs, oldest first, as far as the flap limit counts them. */
  readonly ups: readonly number[];
  /** How often in a row it was held down. */
  readonly heldDown: number;
  /** Since when its link is up, where its switch port may not forward yet; undefined where that is no question. */
  readonly up?: LinkUp | undefined;
}

/** A link that is up: of whoever finds the same link, with as many losses of its carrier, it was up all the time. */
export interface LinkUp {
  readonly since: number;
  readonly index: number;
  readonly carrierLosses: number;
}

/** Why a member is in its state, for people and tools. */
export type StateReason =
  /** There is no such link. */
  | "absent"
  | "new"
  | "link-down"
  /** It belongs to a bridge or bond. */
  | "enslaved"
  | "probes-lost"
  /** It was judged together with the whole group: nobody's probes were answered. */
  | "group-failure"
  /** Its probes have nobody to go to. */
  | "no-targets"
  | "administrator"
  | "duplicate-hardware-address"
  /** Good again, but too often of late: held down until it is stable. */
  | "flapping"
  /** Its link has come up, and its switch port may not forward yet. */
  | "link-up-delay"
  | "repaired";

export const NOTHING_TO_REMEMBER: Memory = { members: [] };
