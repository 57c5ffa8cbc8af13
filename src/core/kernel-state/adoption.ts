/** What a restarted daemon finds of its predecessor's work: who hosts what, and who carries data. */
import { type Group, nameOf } from "../group.ts";
import { OUR_PROTOCOL } from "./kernel-objects.ts";
import { type Picture, routeKey } from "./picture.ts";
import { onLinkRoutes } from "./wanted.ts";

/** Data address -> member that has our copy of it. */
export function adoptedHosting(group: Group, picture: Picture): Map<string, string> {
  const names = memberNames(group);
  const hosting = new Map<string, string>();
  for (const seen of picture.addresses.values()) {
    const name = names.get(seen.index);
    if (name !== undefined && seen.protocol === OUR_PROTOCOL) hosting.set(seen.address, name);
  }
  return hosting;
}

/** Members that were carrying data: those that host an address, and those in the next-hop groups of the primary routes. */
export function carriedBefore(group: Group, hosting: ReadonlyMap<string, string>, picture: Picture): Set<string> {
  const names = memberNames(group);
  const dataAddresses = group.configuration.addresses.map(({ address }) => address);
  const carried = new Set(dataAddresses.map((address) => hosting.get(address)).filter((name) => name !== undefined));
  for (const route of onLinkRoutes(group)) {
    const id = picture.routes.get(routeKey(route))?.nextHopId ?? 0;
    for (const member of picture.nextHops.get(id)?.group ?? []) {
      const name = names.get(picture.nextHops.get(member)?.index ?? 0);
      if (name !== undefined) carried.add(name);
    }
  }
  return carried;
}

/** The member that the broadcast route leaves by, or undefined where there is none. */
export function nominatedBefore(group: Group, picture: Picture): string | undefined {
  const destinations = new Set(group.configuration.addresses.map(({ broadcast }) => `${broadcast}/32`));
  for (const route of picture.routes.values()) {
    if (route.type !== "broadcast" || !destinations.has(route.destination)) continue;
    return memberNames(group).get(picture.nextHops.get(route.nextHopId)?.index ?? 0);
  }
  return undefined;
}

function memberNames(group: Group): Map<number, string> {
  return new Map(
    group.members.flatMap((member) => (member.link ? [[member.link.index, nameOf(member)] as const] : [])),
  );
}
