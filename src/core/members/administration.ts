/**
 * What an administrator asks for: an interface out of service, or back into it. A refused request changes nothing, but that who
 * is refused for its twin comes back by itself when there is none any more.
 */
import type { RequestRefusal } from "../actions.ts";
import type { AdministratorRequest } from "../events.ts";
import { type Group, groupState, isFunctioning, type Member, nameOf } from "../group.ts";
import { twinOf } from "./hardware-addresses.ts";
import { isAbsent, isOffline } from "./interface-state.ts";
import { type MembershipContext, move, onlineReason } from "./states.ts";

/** Carries it out in the group that has such a member. Undefined: done. */
export function administer(
  groups: readonly Group[],
  request: AdministratorRequest,
  context: MembershipContext,
): RequestRefusal | undefined {
  for (const group of groups) {
    const member = group.members.find((one) => nameOf(one) === request.interface);
    if (member === undefined) continue;
    if (request.op === "online") return bringOnline(group, member, context);
    return takeOffline(group, member, request.minimumRedundancy, context);
  }
  return "unknown-interface";
}

function takeOffline(
  group: Group,
  member: Member,
  minimumRedundancy: number,
  context: MembershipContext,
): RequestRefusal | undefined {
  if (isOffline(member.state)) return "already-offline";
  if (redundancy(group, member) < minimumRedundancy) return "minimum-redundancy";
  context.log({ id: "taken-offline", interface: nameOf(member), group: group.configuration.name });
  move(group, member, "taken-offline", "administrator", context);
  return undefined;
}

/** Others that can take over. Once the group has failed nothing is lost by taking one of several out. */
function redundancy(group: Group, member: Member): number {
  if (group.anonymous) return 0;
  const others = group.members.filter((other) => other !== member);
  if (groupState(group) !== "failed") return others.filter(isFunctioning).length;
  return others.filter((other) => !isOffline(other.state) && !isAbsent(other.state)).length;
}

function bringOnline(group: Group, member: Member, context: MembershipContext): RequestRefusal | undefined {
  if (!isOffline(member.state)) return "not-offline";
  if (twinOf(group, member) !== undefined) {
    member.reason = "duplicate-hardware-address";
    return "duplicate-hardware-address";
  }
  context.log({ id: "brought-online", interface: nameOf(member), group: group.configuration.name });
  move(group, member, "brought-online", onlineReason(member), context, "onlined");
  return undefined;
}
