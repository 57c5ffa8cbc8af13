/** The routes of a group by their destinations. Through which next hops they lead is worked out in `wanted.ts`. */
import type { AddressPrefix, DataAddressConfiguration } from "../configuration.ts";
import type { Group } from "../group.ts";
import { contains } from "../subnet.ts";
import { OUR_PROTOCOL, ROUTE_TABLE, type Route } from "./kernel-objects.ts";

/** How much worse the metric of the routes that only the kernel falls back on is than that of the primary ones. */
export const BACKUP_METRIC_STEP = 10_000;

/** On-link routes. IPv6: better than the kernel's own prefix routes (256), so that a stray one cannot bypass the group. */
const ON_LINK_METRIC = { 4: 0, 6: 128 } as const;

/** IPv6 has no metric 0: the kernel puts this in its place. */
const IPV6_DEFAULT_METRIC = 1024;

/** Far worse than what people and their tools choose: a route of theirs to the same subnet is preferred. */
const PROBING_METRIC = 1_000_000_000;

const ROUTE_OF_OURS = {
  table: ROUTE_TABLE.main,
  type: "unicast",
  protocol: OUR_PROTOCOL,
  nextHopId: 0,
  index: 0,
} as const;

/** One route per subnet; its preferred source is the first data address there, so that a test address is never chosen. */
export function onLinkRoutes(group: Group): Route[] {
  return subnets(group).map(({ family, subnet, address }) => ({
    ...ROUTE_OF_OURS,
    family,
    destination: subnet,
    metric: ON_LINK_METRIC[family],
    scope: family === 4 ? "link" : "universe",
    source: address,
  }));
}

/** The first data address of each subnet that is more than that one host. */
function subnets({ configuration }: Group): DataAddressConfiguration[] {
  return firstOfEachSubnet(configuration.addresses);
}

function firstOfEachSubnet<Prefix extends AddressPrefix>(addresses: readonly Prefix[]): Prefix[] {
  const first = new Map<string, Prefix>();
  for (const address of addresses) {
    if (address.prefixLength === (address.family === 4 ? 32 : 128)) continue;
    if (!first.has(address.subnet)) first.set(address.subnet, address);
  }
  return [...first.values()];
}

/** All routes of the group by which traffic leaves in ordinary times. */
export function configuredRoutes(group: Group): Route[] {
  const gateways = new Set(group.configuration.routes.map((route) => route.via));
  return [...onLinkRoutes(group), ...[...gateways].flatMap((gateway) => gatewayRoutes(group, gateway))];
}

export function gatewayRoutes(group: Group, gateway: string): Route[] {
  return group.configuration.routes
    .filter((route) => route.via === gateway)
    .map(({ family, to, metric, source }) => ({
      ...ROUTE_OF_OURS,
      family,
      destination: to,
      metric: metric === 0 && family === 6 ? IPV6_DEFAULT_METRIC : metric,
      scope: "universe",
      source,
    }));
}

export function broadcastRoutes(group: Group, nextHopId: number): Route[] {
  return subnets(group)
    .filter(({ broadcast }) => broadcast !== "")
    .map(({ broadcast, address }) => ({
      ...ROUTE_OF_OURS,
      family: 4,
      destination: `${broadcast}/32`,
      table: ROUTE_TABLE.local,
      type: "broadcast",
      metric: 0,
      scope: "link",
      nextHopId,
      source: address,
    }));
}

/**
 * The kernel takes an answer to a probe only if it knows a route back to who answers (rp_filter), by whatever link: our settings make
 * that check a loose one. So each subnet of test addresses to which no other route of the group leads gets one. What else is
 * sent there follows the group, and comes from a data address where there is one.
 */
export function probingRoutes(group: Group): Route[] {
  const { addresses, members } = group.configuration;
  const source = addresses.find(({ family }) => family === 4)?.address ?? "";
  const ways = configuredRoutes(group);
  const tested = members.flatMap(({ testAddresses }) => testAddresses).filter(({ family }) => family === 4);
  return firstOfEachSubnet(tested)
    .filter((address) => !ways.some((way) => leadsTo(way, address)))
    .map((address) => ({
      ...ROUTE_OF_OURS,
      family: 4,
      destination: address.subnet,
      metric: PROBING_METRIC + distinction(address),
      scope: "link",
      source,
    }));
}

function leadsTo({ family, destination }: Route, { address, prefixLength }: AddressPrefix): boolean {
  const [subnet = "", length = ""] = destination.split("/");
  const way = { family, address: subnet, prefixLength: Number(length) };
  return way.prefixLength <= prefixLength && contains(way, address);
}

/** Groups that probe in the same subnet need a route each, and the kernel tells those apart by their metric alone. */
function distinction({ address }: AddressPrefix): number {
  const [, , third, fourth] = address.split(".").map(Number) as [number, number, number, number];
  return (third * 256 + fourth) % BACKUP_METRIC_STEP;
}
