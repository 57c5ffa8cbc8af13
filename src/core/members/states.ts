/** One step through the table, with what goes along with every transition: the reason, the time, the history. */
import { type Group, isActive, isFunctioning, type Member, nameOf } from "../group.ts";
import type { Picture } from "../kernel-state/picture.ts";
import type { StateReason } from "../memory.ts";
import type { Message } from "../messages.ts";
import { type Arrival, activateAnother, settleArrival } from "./activity.ts";
import { noteFailure } from "./flapping.ts";
import { isOffline, type MemberEvent, transition } from "./interface-state.ts";
import { beginSettling } from "./link-locals.ts";

/** For so long after a member came, or was brought back, a missing test address is no news: it may be about to be configured. */
export const TEST_ADDRESS_GRACE_MS = 20_000;
/** So many of the latest transitions of each member are kept. */
const HISTORY_LENGTH = 16;

/** What the rules about members need of the machine. */
export interface MembershipContext {
  readonly picture: Picture;
  readonly now: number;
  readonly nextOrder: () => number;
  readonly log: (message: Message) => void;
  /** A member that carried data is lost: announcing what it hosted can not wait. */
  readonly lost: (group: Group) => void;
}

/**
 * Takes `event` in the present state; false where the table refuses it, and then nothing has changed. Who begins to function
 * is made active or held in reserve, who ceases to gives way to another.
 */
export function move(
  group: Group,
  member: Member,
  event: MemberEvent,
  reason: StateReason,
  context: MembershipContext,
  arrival: Arrival = "repaired",
): boolean {
  const from = member.state;
  const next = transition(from, event);
  if (next === undefined) return false;
  const wasActive = isActive(member);
  const functioned = isFunctioning(member);
  const { now } = context;
  if (event === "failed" || event === "held") member.failedFor = reason;
  if (event === "failed") {
    noteFailure(member.flaps, group.configuration.flapLimit, member.since, now);
  }
  member.state = next;
  // Whatever befalls a member that is offline, it is offline since then and for that reason.
  if (!isOffline(from) || !isOffline(next)) Object.assign(member, { reason, since: now });
  if (event === "brought-online") member.graceUntil = now + TEST_ADDRESS_GRACE_MS;
  member.history = [...member.history, { at: now, from, to: next, reason }].slice(-HISTORY_LENGTH);
  if (functioned && !isFunctioning(member)) cease(group, member, wasActive, context);
  if (!functioned && isFunctioning(member)) begin(group, member, arrival, context);
  return true;
}

/** The reason for the state in which a member that is offline comes back. */
export function onlineReason({ state, linkUp, failedFor }: Member): StateReason {
  if (state === "offline-absent") return "absent";
  if (state === "offline") return "repaired";
  return linkUp ? failedFor : "link-down";
}

function begin(group: Group, member: Member, arrival: Arrival, context: MembershipContext): void {
  member.lastResort = false;
  if (group.anonymous) return;
  beginSettling(group, member, context.picture, context.now);
  settleArrival(group, member, arrival, context.nextOrder);
}

function cease(group: Group, member: Member, wasActive: boolean, context: MembershipContext): void {
  const carried = wasActive || hasStoodIn(group, member);
  Object.assign(member, {
    inactive: false,
    settlingUntil: undefined,
    lackingSince: undefined,
    linkLocalDueAt: undefined,
  });
  if (group.anonymous) return;
  if (wasActive) activateAnother(group, context.nextOrder);
  if (carried) context.lost(group);
}

/** One in reserve carries what the active ones can not; and where all fail together, those that did go on. */
function hasStoodIn({ hosting }: Group, member: Member): boolean {
  return member.inactive && !member.lastResort && [...hosting.values()].includes(nameOf(member));
}
