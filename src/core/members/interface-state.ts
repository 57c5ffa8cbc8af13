/**
 * The states of an underlying interface, as a table.
 *
 * House rules: a transition is a row here or it does not exist; an event that has no row in a state is refused, and a
 * refused event changes nothing. What a transition entails (log lines, who becomes active) is decided elsewhere, by
 * looking at the state before and after. The state diagram in docs/ is generated from this table.
 */

export type MemberState =
  /** Configured, but the kernel has no such link. */
  | "absent"
  /** Its link was administratively down when it was first seen: we set it up, and it is judged once that has had its time. */
  | "starting"
  /** Functioning: it may carry data. */
  | "running"
  /** It can be probed, but there is nobody to probe. Functioning, since nothing speaks against it. */
  | "no-targets"
  /** Its link is down, or its probes were lost. */
  | "failed"
  /** Failed, and there is nobody to probe: what its link alone has failed its link repairs, anything else waits for a target. */
  | "failed-no-targets"
  /** Out of service by an administrator, or for a hardware address that another member has. */
  | "offline"
  /** Out of service, and bad as well. */
  | "offline-failed"
  /** Out of service, and the link has been taken away. */
  | "offline-absent";

export type MemberEvent =
  | "appeared"
  /** The same, with a link that is administratively down and that we set up. */
  | "found-down"
  | "disappeared"
  /** It would function from now on, but its link has just come up, and its switch port may not forward yet. */
  | "held"
  /** Its link is up, or has had its time to come up: it is judged from now on. */
  | "started"
  /** The failure verdict: of its link, of its probes, or of the whole group. */
  | "failed"
  /** The repair verdict. */
  | "repaired"
  | "targets-lost"
  | "targets-found"
  /** No family is probed any more: from now on the link alone tells. */
  | "probing-ended"
  | "taken-offline"
  | "brought-online";

export const TRANSITIONS: { readonly [State in MemberState]: { readonly [Event in MemberEvent]?: MemberState } } = {
  /** Optimistic, as in Solaris: a link without carrier when it is first seen gives an ordinary failure right after. */
  absent: { appeared: "running", "found-down": "starting", held: "failed", "taken-offline": "offline-absent" },
  starting: { disappeared: "absent", started: "running", held: "failed", "taken-offline": "offline" },
  running: { disappeared: "absent", failed: "failed", "targets-lost": "no-targets", "taken-offline": "offline" },
  "no-targets": {
    disappeared: "absent",
    failed: "failed",
    "targets-found": "running",
    "probing-ended": "running",
    "taken-offline": "offline",
  },
  failed: {
    disappeared: "absent",
    repaired: "running",
    "targets-lost": "failed-no-targets",
    "taken-offline": "offline-failed",
  },
  "failed-no-targets": {
    disappeared: "absent",
    // Failed by its link alone: nothing but the link has to tell that it is good again.
    repaired: "no-targets",
    "targets-found": "failed",
    "probing-ended": "failed",
    "taken-offline": "offline-failed",
  },
  offline: {
    disappeared: "offline-absent",
    failed: "offline-failed",
    held: "offline-failed",
    "brought-online": "running",
  },
  "offline-failed": { disappeared: "offline-absent", repaired: "offline", "brought-online": "failed" },
  "offline-absent": {
    appeared: "offline",
    "found-down": "offline",
    held: "offline-failed",
    "brought-online": "absent",
  },
};

/** The next state, or undefined where the event is refused. */
export function transition(state: MemberState, event: MemberEvent): MemberState | undefined {
  return TRANSITIONS[state][event];
}

/** It may carry data. */
export function functions(state: MemberState): boolean {
  return state === "running" || state === "no-targets";
}

export function isOffline(state: MemberState): boolean {
  return state === "offline" || state === "offline-failed" || state === "offline-absent";
}

/** Judged bad (the FAILED flag of Solaris). */
export function hasFailed(state: MemberState): boolean {
  return state === "failed" || state === "failed-no-targets" || state === "offline-failed";
}

/** The kernel has no such link. */
export function isAbsent(state: MemberState): boolean {
  return state === "absent" || state === "offline-absent";
}
