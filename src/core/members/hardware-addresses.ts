/**
 * Two online members of a group with one hardware address would answer for each other: the one that came later is taken offline,
 * and brought back as soon as its address is unique.
 */
import { type Group, type Member, nameOf } from "../group.ts";
import { isOffline } from "./interface-state.ts";
import { type MembershipContext, move, onlineReason } from "./states.ts";

/** Links without one (tunnels) are not compared. */
const NONE = /^(00:)*(00)?$/;

/** The online member that had the hardware address of `member` before it. */
export function twinOf(group: Group, member: Member): Member | undefined {
  const address = hardwareAddressOf(member);
  if (group.anonymous || NONE.test(address)) return undefined;
  return group.members.find(
    (other) =>
      other !== member &&
      !isOffline(other.state) &&
      hardwareAddressOf(other) === address &&
      (isOffline(member.state) || other.addressedAs < member.addressedAs),
  );
}

function hardwareAddressOf({ link }: Member): string {
  return link?.hardwareAddress ?? "";
}

/** Takes the later of two equals offline, and brings back whose twin is gone. Nobody's redundancy is asked for. */
export function separateTwins(group: Group, context: MembershipContext): void {
  for (const member of group.members) {
    const { state, reason } = member;
    const twin = twinOf(group, member);
    if (twin !== undefined && !isOffline(state)) offlineTwin(group, member, twin, context);
    if (twin === undefined && reason === "duplicate-hardware-address") onlineTwin(group, member, context);
  }
}

function offlineTwin(group: Group, member: Member, twin: Member, context: MembershipContext): void {
  const names = { interface: nameOf(member), group: group.configuration.name };
  context.log({
    id: "hardware-address-duplicate",
    ...names,
    other: nameOf(twin),
    hardwareAddress: hardwareAddressOf(twin),
  });
  move(group, member, "taken-offline", "duplicate-hardware-address", context);
}

function onlineTwin(group: Group, member: Member, context: MembershipContext): void {
  const names = { interface: nameOf(member), group: group.configuration.name };
  if (member.link !== undefined) context.log({ id: "hardware-address-unique", ...names });
  move(group, member, "brought-online", onlineReason(member), context, "onlined");
}
