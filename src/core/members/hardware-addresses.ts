/**
 * Two members of a group with one hardware address would answer for each other: of two that can be heard one is taken offline, and
 * brought back as soon as it has the address to itself, or the other one is heard no more: its link is down, it has failed, is
 * offline or gone. When that one is heard again it is it that has to wait: what carries the data stays, so that nothing is handed
 * to and fro.
 */
import { type Group, hasLinkUp, isFunctioning, type Member, nameOf } from "../group.ts";
import { isOffline } from "./interface-state.ts";
import { type MembershipContext, move, onlineReason } from "./states.ts";

/** Links without one (tunnels) are not compared. */
const NONE = /^(00:)*(00)?$/;

/** The member that has the hardware address of `member`, and the better right to it. */
export function twinOf(group: Group, member: Member): Member | undefined {
  const address = hardwareAddressOf(member);
  if (group.anonymous || NONE.test(address)) return undefined;
  // Who is not heard disturbs nobody.
  if (!isOffline(member.state) && !hasLinkUp(member)) return undefined;
  return group.members.find(
    (other) =>
      other !== member &&
      isFunctioning(other) &&
      hasLinkUp(other) &&
      hardwareAddressOf(other) === address &&
      (!isFunctioning(member) || other.addressedAs < member.addressedAs),
  );
}

function hardwareAddressOf({ link }: Member): string {
  return link?.hardwareAddress ?? "";
}

/** Takes one of two equals offline, and brings back whose twin is not heard any more. Nobody's redundancy is asked for. */
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
  const address = hardwareAddressOf(member);
  const silent = group.members.find(
    (other) => other !== member && !isOffline(other.state) && hardwareAddressOf(other) === address,
  );
  if (silent !== undefined) context.log({ id: "hardware-address-free", ...names, other: nameOf(silent) });
  else if (member.link !== undefined) context.log({ id: "hardware-address-unique", ...names });
  move(group, member, "brought-online", onlineReason(member), context, "onlined");
}
