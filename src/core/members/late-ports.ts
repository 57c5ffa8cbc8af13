/**
 * A switch port may forward nothing for a while after its link has come up (spanning tree: twice its forward delay). Data that is
 * entrusted to it at once goes nowhere, though the light is on. So with `link-up-delay` a link has to be up for so long before it
 * is believed, as long as another member works; where none does, a maybe is better than nothing. The wait is over before that once a
 * neighbour has answered there: see `../probing/port-proof.ts`.
 */
import { awaitsPort, type Group, hasLinkUp, isFunctioning, type Member, nameOf } from "../group.ts";
import { isCapable } from "../probing/instance.ts";
import { isTransitive } from "../probing/transitive.ts";
import { isOffline } from "./interface-state.ts";
import { type MembershipContext, move } from "./states.ts";

/** Monotonic ms from when on its port is trusted; undefined where that is no question, or has been answered already. */
export function trustedAt({ configuration }: Group, member: Member): number | undefined {
  const { upSince } = member;
  const { linkUpDelayMs } = configuration;
  return upSince === undefined || linkUpDelayMs === 0 || isFunctioning(member) ? undefined : upSince + linkUpDelayMs;
}

/** For how long (ms) it has to wait, as another one works, or has waited longer and is believed in this step; 0: not at all. */
function waitMs(group: Group, member: Member, now: number): number {
  const from = trustedAt(group, member);
  if (from === undefined || now >= from) return 0;
  const isAhead = (other: Member) => canStandIn(other) && Number(other.upSince) < Number(member.upSince);
  const isSpared = group.members.some((other) => hasLinkUp(other) && (isFunctioning(other) || isAhead(other)));
  return isSpared ? from - now : 0;
}

/** It waits for nothing but its switch port, and for that only while another one works: nobody is there to answer its probes. */
export function canStandIn(member: Member): boolean {
  const { 4: four, 6: six } = member.instances;
  return awaitsPort(member) && !isCapable(four) && !isCapable(six);
}

/** The link of a member that has failed is up: does its repair have to wait? */
export function waitForPort(group: Group, member: Member, context: MembershipContext): boolean {
  const ms = waitMs(group, member, context.now);
  if (ms === 0) return false;
  if (isOffline(member.state) || awaitsPort(member)) return true;
  member.reason = "link-up-delay";
  tellWait(group, member, ms, context);
  return true;
}

/** A link is used for the first time, and has just come up: does that have to wait? It is no repair, and not counted as one. */
export function holdNewcomer(group: Group, member: Member, context: MembershipContext): boolean {
  const ms = waitMs(group, member, context.now);
  if (ms === 0) return false;
  move(group, member, "held", "link-up-delay", context);
  member.flaps.counted = true;
  if (!isOffline(member.state)) tellWait(group, member, ms, context);
  return true;
}

/** A newcomer that will be probed comes back by answers, as far as there is anybody to ask. */
function tellWait(group: Group, member: Member, waitMs: number, { log }: MembershipContext): void {
  const isToBeProbed = member.configuration.testAddresses.length > 0 || isTransitive(group);
  log({ id: "waits-for-port", interface: nameOf(member), group: group.configuration.name, waitMs, isToBeProbed });
}
