/** A family that the group uses and one of its members lacks: traffic of that family stops when it moves there. */
import { familiesOf, type Group, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { impedimentOf } from "./families.ts";
import { isAbsent, isOffline } from "./interface-state.ts";

/** Says so once, and once when it is over. It has no other effect. */
export function checkHomogeneity(group: Group, log: (message: Message) => void): void {
  for (const member of group.members) {
    if (isOffline(member.state) || isAbsent(member.state)) continue;
    const names = { interface: nameOf(member), group: group.configuration.name };
    const missing = familiesOf(group).filter((family) => impedimentOf(member, family) !== undefined);
    for (const family of missing) {
      if (!member.missingFamilies.has(family)) log({ id: "family-missing", ...names, family });
    }
    if (missing.length === 0 && member.missingFamilies.size > 0) log({ id: "families-consistent", ...names });
    member.missingFamilies = new Set(missing);
  }
}
