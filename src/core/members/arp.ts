/** Members on which ARP has been switched off. They count as down, which their light does not show. */
import { type Group, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { isWithoutArp } from "./links.ts";

/** Says so once, with the remedy, and once that it is over. It has no other effect. */
export function tellArp(group: Group, log: (message: Message) => void): void {
  for (const member of group.members) {
    const isOff = member.link !== undefined && isWithoutArp(member.link);
    if (isOff === member.toldWithoutArp) continue;
    member.toldWithoutArp = isOff;
    // With the link that is gone it is no news that it has ARP.
    if (member.link === undefined) continue;
    const names = { interface: nameOf(member), group: group.configuration.name };
    log(isOff ? { id: "arp-off", ...names } : { id: "arp-on", ...names });
  }
}
