/**
 * The states of an underlying interface, as a table.
 *
 * House rules: a transition is a row here or it does not exist; an event that has no row in a state is refused, and a
 * refused event changes nothing. What a transition entails (log lines, who becomes active) is decided elsewhere, by
 * looking at the state before and after.
 */

export type MemberState =
  /** Configured, but the kernel has no such link. */
  | "absent"
  /** Functioning: it may carry data. */
  | "running"
  /** Its link is down. */
  | "failed";

export type MemberEvent = "appeared" | "disappeared" | "link-down" | "link-up";

export const TRANSITIONS: { readonly [State in MemberState]: { readonly [Event in MemberEvent]?: MemberState } } = {
  /** Optimistic, as in Solaris: a link that is down when it is first seen gives an ordinary link-down right after. */
  absent: { appeared: "running" },
  running: { "link-down": "failed", disappeared: "absent" },
  failed: { "link-up": "running", disappeared: "absent" },
};

/** The next state, or undefined where the event is refused. */
export function transition(state: MemberState, event: MemberEvent): MemberState | undefined {
  return TRANSITIONS[state][event];
}
