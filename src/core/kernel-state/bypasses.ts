/**
 * Routes of strangers that leave by a single member and lead traffic past the group: the group moves its own routes when the
 * member fails, but not those. Typical is what a host had before it got a group: the address and the default route of eth0.
 */
import type { Group } from "../group.ts";
import { nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { contains, isLinkLocal6 } from "../subnet.ts";
import { configuredRoutes } from "./group-routes.ts";
import type { InterfaceAddress, OtherRoute, Route } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";

/** RTPROT_KERNEL: made with an address. */
export const KERNELS_PROTOCOL = 2;

interface Bypass {
  readonly interface: string;
  readonly group: string;
  readonly route: string;
  readonly remedy: string;
  /** The host that such a route names as a target, in the manner of Solaris; or "". */
  readonly target: string;
}

/** Notes them in the group, and says of each when it is first seen and when it has gone. */
export function findBypasses(group: Group, picture: Picture, log: (message: Message) => void): void {
  const ours = configuredRoutes(group);
  const found = new Map<string, Bypass>();
  for (const route of picture.otherRoutes.values()) {
    const member = group.members.find(({ link }) => link?.index === route.index);
    if (member === undefined || !leadsPast(route, ours, group, picture)) continue;
    const link = nameOf(member);
    const text = routeText(route, link);
    const remedy = remedyFor(route, link, picture);
    const target = route.gateway === hostOf(route) ? route.gateway : "";
    found.set(text, { interface: link, group: group.configuration.name, route: text, remedy, target });
  }
  for (const [text, fields] of found) if (!group.bypasses.has(text)) log({ id: "route-bypasses", ...fields });
  for (const text of group.bypasses) {
    if (!found.has(text)) log({ id: "route-bypass-gone", group: group.configuration.name, route: text });
  }
  group.bypasses = new Set(found.keys());
}

/** Traffic takes it although the group has a way of its own, or is on the way to its gateway. */
function leadsPast(route: OtherRoute, ours: readonly Route[], group: Group, picture: Picture): boolean {
  const rival = ours.find(({ family, destination }) => family === route.family && destination === route.destination);
  if (rival !== undefined) return route.metric <= rival.metric;
  if (route.gateway === "") return isPartOfSubnet(route, group) && !picture.isLocal(hostOf(route));
  return group.configuration.addresses.some(
    (address) => contains(address, route.gateway) || (address.family === 6 && isLinkLocal6(route.gateway)),
  );
}

/** The kernel prefers it to the group's route to the whole subnet, whatever the metrics. */
function isPartOfSubnet({ destination }: OtherRoute, { configuration }: Group): boolean {
  const [subnet = "", length] = destination.split("/");
  return configuration.addresses.some((one) => one.prefixLength < Number(length) && contains(one, subnet));
}

/** The one address that the route leads to, or "". */
function hostOf({ family, destination }: OtherRoute): string {
  const [address = "", length] = destination.split("/");
  return length === (family === 4 ? "32" : "128") ? address : "";
}

/** As `ip route` names it. */
function routeText(route: OtherRoute, link: string): string {
  const { family, gateway } = route;
  const hop = family === 4 && gateway.includes(":") ? `inet6 ${gateway}` : gateway;
  return `${destinationText(route)}${hop === "" ? "" : ` via ${hop}`} dev ${link}${metricText(route)}`;
}

/** A command that takes it away when pasted. */
function remedyFor(route: OtherRoute, link: string, picture: Picture): string {
  const address = route.protocol === KERNELS_PROTOCOL ? addressOf(route, picture) : undefined;
  // The kernel made the route for the address, and keeps it no longer than that.
  if (address !== undefined) return `ip addr del ${address.address}/${address.prefixLength} dev ${link}`;
  // The kernel compares all that is named: of several hops, or of a next-hop object, IPv4 would not find the one.
  const way = route.family === 4 ? "" : ` dev ${link}`;
  return `ip -${route.family} route del ${destinationText(route)}${way}${metricText(route)}`;
}

function addressOf({ index, family, destination }: OtherRoute, picture: Picture): InterfaceAddress | undefined {
  const [subnet = "", length] = destination.split("/");
  return [...picture.addresses.values()].find(
    (held) =>
      held.index === index && held.family === family && held.prefixLength === Number(length) && contains(held, subnet),
  );
}

function destinationText({ destination }: OtherRoute): string {
  return /^(0\.0\.0\.0|::)\/0$/.test(destination) ? "default" : destination;
}

function metricText({ metric }: OtherRoute): string {
  return metric === 0 ? "" : ` metric ${metric}`;
}
