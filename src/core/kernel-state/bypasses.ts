/**
 * Routes of strangers that leave by a single member and lead traffic past the group: the group moves its own routes when the
 * member fails, but not those. Typical is what a host had before it got a group: the address and the default route of eth0.
 */
import type { Group } from "../group.ts";
import { nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { contains, isLinkLocal6 } from "../subnet.ts";
import type { OtherRoute, Route } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";
import { configuredRoutes } from "./wanted.ts";

/** Notes them in the group, and says of each when it is first seen and when it has gone. */
export function findBypasses(group: Group, picture: Picture, log: (message: Message) => void): void {
  const ours = configuredRoutes(group);
  const found = new Map<string, { interface: string; group: string; route: string; family: 4 | 6 }>();
  for (const route of picture.otherRoutes.values()) {
    const member = group.members.find(({ link }) => link?.index === route.index);
    if (member === undefined || !leadsPast(route, ours, group)) continue;
    const text = routeText(route, nameOf(member));
    found.set(text, { interface: nameOf(member), group: group.configuration.name, route: text, family: route.family });
  }
  for (const [text, fields] of found) if (!group.bypasses.has(text)) log({ id: "route-bypasses", ...fields });
  for (const text of group.bypasses) {
    if (!found.has(text)) log({ id: "route-bypass-gone", group: group.configuration.name, route: text });
  }
  group.bypasses = new Set(found.keys());
}

/** Traffic takes it although the group has a way of its own, or is on the way to its gateway. */
function leadsPast(route: OtherRoute, ours: readonly Route[], group: Group): boolean {
  const rival = ours.find(({ family, destination }) => family === route.family && destination === route.destination);
  if (rival !== undefined) return route.metric <= rival.metric;
  // A host route to itself is how a probe target is named.
  if (route.gateway === "" || route.destination.startsWith(`${route.gateway}/`)) return false;
  return group.configuration.addresses.some(
    (address) => contains(address, route.gateway) || (address.family === 6 && isLinkLocal6(route.gateway)),
  );
}

/** As `ip route` takes it. */
function routeText({ destination, gateway, metric }: OtherRoute, link: string): string {
  const to = /^(0\.0\.0\.0|::)\/0$/.test(destination) ? "default" : destination;
  return `${to}${gateway === "" ? "" : ` via ${gateway}`} dev ${link}${metric === 0 ? "" : ` metric ${metric}`}`;
}
