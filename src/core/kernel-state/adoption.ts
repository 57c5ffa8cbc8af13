/** What a restarted daemon finds of its predecessor's work: who hosts what, and who carries data. */
import { type Group, nameOf } from "../group.ts";
import { onLinkRoutes } from "./group-routes.ts";
import { OUR_PROTOCOL } from "./kernel-objects.ts";
import { type Picture, routeKey } from "./picture.ts";

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
  const hosts = new Set(group.configuration.addresses.map(({ address }) => hosting.get(address)));
  const seen = onLinkRoutes(group).flatMap((route) => picture.routes.get(routeKey(route)) ?? []);
  const used = new Set(seen.flatMap(({ nextHopId }) => picture.linksThrough(nextHopId)));
  return new Set([...memberNames(group)].flatMap(([index, name]) => (hosts.has(name) || used.has(index) ? name : [])));
}

/** The member that the broadcast route leaves by, or undefined where there is none. */
export function nominatedBefore(group: Group, picture: Picture): string | undefined {
  const destinations = new Set(group.configuration.addresses.map(({ broadcast }) => `${broadcast}/32`));
  const seen = [...picture.routes.values()].filter(
    ({ type, destination }) => type === "broadcast" && destinations.has(destination),
  );
  const used = new Set(seen.flatMap(({ nextHopId }) => picture.linksThrough(nextHopId)));
  return [...memberNames(group)].find(([index]) => used.has(index))?.[1];
}

function memberNames(group: Group): Map<number, string> {
  return new Map(
    group.members.flatMap((member) => (member.link ? [[member.link.index, nameOf(member)] as const] : [])),
  );
}
