/** A family that the group uses and one of its members lacks: traffic of that family stops when it moves there. */
import type { Family } from "../configuration.ts";
import { type Group, type Member, nameOf } from "../group.ts";
import type { Picture } from "../kernel-state/picture.ts";
import type { Message } from "../messages.ts";
import { isAbsent, isOffline } from "./interface-state.ts";

/** Says so once, and once when it is over. It has no other effect. */
export function checkHomogeneity(group: Group, picture: Picture, log: (message: Message) => void): void {
  const families = new Set(group.configuration.addresses.map(({ family }) => family));
  for (const member of group.members) {
    if (isOffline(member.state) || isAbsent(member.state)) continue;
    const names = { interface: nameOf(member), group: group.configuration.name };
    const missing = ([4, 6] as const).filter((family) => families.has(family) && lacks(member, family, picture));
    for (const family of missing) {
      if (!member.missingFamilies.has(family)) log({ id: "family-missing", ...names, family });
    }
    if (missing.length === 0 && member.missingFamilies.size > 0) log({ id: "families-consistent", ...names });
    member.missingFamilies = new Set(missing);
  }
}

function lacks(member: Member, family: Family, picture: Picture): boolean {
  if (member.barred.has(family)) return true;
  return family === 6 && picture.settings.get(`${nameOf(member)}/ipv6.disable_ipv6`) === "1";
}
