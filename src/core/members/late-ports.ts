/**
 * A switch port may forward nothing for a while after its link has come up (spanning tree: twice its forward delay). Data that is
 * entrusted to it at once goes nowhere, though the light is on. So with `link-up-delay` a link has to be up for so long before it
 * is believed, as long as another member works; where none does, a maybe is better than nothing.
 */
import { awaitsPort, type Group, hasLinkUp, isFunctioning, type Member, nameOf } from "../group.ts";
import { isCapable } from "../probing/instance.ts";
import { isOffline } from "./interface-state.ts";
import { type MembershipContext, move } from "./states.ts";

/** Monotonic ms from when on its port is trusted; undefined where that is no question, or has been answered already. */
export function trustedAt({ configuration }: Group, member: Member): number | undefined {
  const { upSince } = member;
  const { linkUpDelayMs } = configuration;
  return upSince === undefined || linkUpDelayMs === 0 || isFunctioning(member) ? undefined : upSince + linkUpDelayMs;
}

/** Another one works, or has waited longer and is believed in this step. */
function mustWait(group: Group, member: Member, now: number): boolean {
  const from = trustedAt(group, member);
  if (from === undefined || now >= from) return false;
  const isAhead = (other: Member) => canStandIn(other) && Number(other.upSince) < Number(member.upSince);
  return group.members.some((other) => hasLinkUp(other) && (isFunctioning(other) || isAhead(other)));
}

/** It waits for nothing but its switch port, and for that only while another one works: nobody is there to answer its probes. */
export function canStandIn(member: Member): boolean {
  const { 4: four, 6: six } = member.instances;
  return awaitsPort(member) && !isCapable(four) && !isCapable(six);
}

/** The link of a member that has failed is up: does its repair have to wait? */
export function waitForPort(group: Group, member: Member, context: MembershipContext): boolean {
  if (!mustWait(group, member, context.now)) return false;
  if (isOffline(member.state) || awaitsPort(member)) return true;
  member.reason = "link-up-delay";
  tellWait(group, member, context);
  return true;
}

/** A link is used for the first time, and has just come up: does that have to wait? It is no repair, and not counted as one. */
export function holdNewcomer(group: Group, member: Member, context: MembershipContext): boolean {
  if (!mustWait(group, member, context.now)) return false;
  move(group, member, "held", "link-up-delay", context);
  member.flaps.counted = true;
  if (!isOffline(member.state)) tellWait(group, member, context);
  return true;
}

function tellWait({ configuration }: Group, member: Member, { log }: MembershipContext): void {
  const { name, linkUpDelayMs } = configuration;
  log({ id: "waits-for-port", interface: nameOf(member), group: name, delayMs: linkUpDelayMs });
}
