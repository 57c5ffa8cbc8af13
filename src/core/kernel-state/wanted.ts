/**
 * The whole wanted state of the kernel for one group, worked out from who carries data and who hosts what. Nothing here
 * looks at what is there already; `difference.ts` compares.
 */
import type { Family } from "../configuration.ts";
import { carryingMembers, type Group, isFunctioning, type Member, nameOf } from "../group.ts";
import { isAble } from "../members/families.ts";
import { isOffline } from "../members/interface-state.ts";
import { isLinkLocal6 } from "../subnet.ts";
import type { Anchor } from "./group-interface.ts";
import { BACKUP_METRIC_STEP, broadcastRoutes, gatewayRoutes, onLinkRoutes, probingRoutes } from "./group-routes.ts";
import { type Link, type NextHop, OUR_PROTOCOL, ROUTE_TABLE, type Route, type Scope } from "./kernel-objects.ts";
import type { NextHopIds } from "./next-hop-ids.ts";
import { routeKey } from "./picture.ts";
import { IPV6_DISABLED, MEMBER_SETTINGS, NAMESPACE_SETTINGS, PER_FLOW_SETTINGS, withoutOwnIpv4 } from "./settings.ts";

export interface WantedAddress {
  readonly index: number;
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: Scope;
  readonly deprecated: boolean;
}

export interface WantedSetting {
  readonly link: string;
  /** 0 for the namespace. */
  readonly index: number;
  readonly key: string;
  readonly value: string;
}

export interface Wanted {
  /** Names of the group interfaces that must exist. */
  readonly links: string[];
  /** Indexes of the links that must be administratively up. */
  readonly raised: number[];
  readonly settings: WantedSetting[];
  /** Addresses that routes rely on, and routes to lo: what keeps a data address local whatever happens to the NICs. */
  readonly anchors: WantedAddress[];
  readonly anchorRoutes: Route[];
  /** Addresses of the members themselves: test addresses, and link-local ones that the kernel did not make. */
  readonly memberAddresses: WantedAddress[];
  /** The copy on the hosting member: the one that answers ARP and neighbour discovery, and moves on failover. */
  readonly copies: WantedAddress[];
  /** In the order in which they need each other. */
  readonly paths: WantedPath[];
}

/** What leads to one gateway, or on-link: single next hops, the groups of them, and the routes that use those. */
export interface WantedPath {
  /** The group that carries the traffic; it is among `nextHops`, too. */
  readonly primary?: NextHop;
  readonly nextHops: NextHop[];
  readonly routes: Route[];
}

/** Not 0, where the kernel keeps the local route of each device that carries the address. */
const ANCHOR_METRIC = 1024;

export function nothingWanted(): Wanted {
  return {
    links: [],
    raised: [],
    settings: [],
    anchors: [],
    anchorRoutes: [],
    memberAddresses: [],
    copies: [],
    paths: [],
  };
}

/** Of routes that the kernel can not tell apart the first stays: two would replace each other at every step. */
export function dropClashingRoutes(wanted: Wanted): void {
  const taken = new Set<string>();
  for (const routes of [wanted.anchorRoutes, ...wanted.paths.map((path) => path.routes)]) {
    const kept = routes.filter((route) => {
      const key = routeKey(route);
      return !taken.has(key) && taken.add(key);
    });
    routes.splice(0, routes.length, ...kept);
  }
}

/** Adds what the whole namespace needs for these groups. */
export function wantNamespaceSettings(groups: readonly Group[], wanted: Wanted): void {
  if (groups.length === 0) return;
  const perFlow = groups.some((group) => group.configuration.spread === "l4");
  for (const setting of [...NAMESPACE_SETTINGS, ...(perFlow ? PER_FLOW_SETTINGS : [])]) {
    wanted.settings.push({ link: "", index: 0, ...setting });
  }
}

/** Adds everything that `group` needs; the anonymous one needs nothing. */
export function wantGroup(group: Group, anchor: Anchor, ids: NextHopIds, wanted: Wanted): void {
  if (group.anonymous) return;
  if (group.configuration.groupInterface) wanted.links.push(group.configuration.name);
  wantMembers(group, wanted);
  wantAnchors(group, anchor, wanted);
  // The kernel takes the source of an IPv6 route only from a device: without a group interface the copies come first.
  wantCopies(group, anchor.on === "link" ? wanted.copies : wanted.anchors);
  wantRoutes(group, ids, wanted);
}

function wantMembers(group: Group, wanted: Wanted): void {
  const carrying = carryingMembers(group, 4);
  for (const member of group.members) {
    const { link, configuration, toBeRaised, linkLocal, state, lacks } = member;
    if (link === undefined) continue;
    if (toBeRaised) wanted.raised.push(link.index);
    const isBorrowing = carrying.includes(member) && !hasOwnIpv4(group, member);
    const settings = isBorrowing ? MEMBER_SETTINGS.map(withoutOwnIpv4) : MEMBER_SETTINGS;
    for (const setting of settings) wanted.settings.push({ link: link.name, index: link.index, ...setting });
    // What is out of service may be pulled out: nothing but the settings stays on it.
    if (isOffline(state)) continue;
    // A test address is wanted for itself, and in another form.
    const isTestAddress = configuration.testAddresses.some(({ address }) => address === linkLocal);
    if (linkLocal !== "" && !isTestAddress) wanted.memberAddresses.push(linkLocalAddress(link.index, linkLocal));
    for (const { family, address } of configuration.testAddresses) {
      if (lacks.has(family)) continue;
      // Scope link and deprecated: never the source of anything but probes, and yet a legal sender of ARP requests.
      const scope: Scope = family === 4 ? "link" : "universe";
      const asTestAddress = isLinkLocal6(address)
        ? linkLocalAddress(link.index, address, true)
        : hostAddress(link.index, family, address, scope, family === 6);
      wanted.memberAddresses.push(asTestAddress);
    }
  }
}

/** A test address, or a copy of a data address. */
function hasOwnIpv4({ configuration, hosting, retiring }: Group, member: Member): boolean {
  const name = nameOf(member);
  const holds = (address: string) => hosting.get(address) === name || retiring.get(address)?.member === name;
  return (
    member.configuration.testAddresses.some(({ family }) => family === 4) ||
    configuration.addresses.some(({ family, address }) => family === 4 && holds(address))
  );
}

function hostAddress(
  index: number,
  family: Family,
  address: string,
  scope: Scope = "universe",
  deprecated = false,
): WantedAddress {
  return { index, family, address, prefixLength: family === 4 ? 32 : 128, scope, deprecated };
}

/** Through it the link's neighbours are reached by their link-local addresses: it comes with the route to them. */
function linkLocalAddress(index: number, address: string, deprecated = false): WantedAddress {
  return { index, family: 6, address, prefixLength: 64, scope: "link", deprecated };
}

function wantAnchors(group: Group, anchor: Anchor, wanted: Wanted): void {
  if (anchor.on === "link" && mayCarryIpv6(group)) wanted.settings.push(ipv6On(anchor.link));
  for (const { family, address } of group.configuration.addresses) {
    if (anchor.on === "link") wanted.anchors.push(hostAddress(anchor.link.index, family, address));
    else wanted.anchorRoutes.push(anchorRoute(family, address, anchor.index));
  }
}

function mayCarryIpv6({ configuration, members }: Group): boolean {
  const isUsed = configuration.addresses.some(({ family }) => family === 6);
  return isUsed && members.some(({ link, lacks }) => link !== undefined && !lacks.has(6));
}

/** On the group interface, which is ours: it inherits from the default of the host that IPv6 is off, and could hold no address then. */
function ipv6On({ name, index }: Link): WantedSetting {
  return { link: name, index, key: IPV6_DISABLED, value: "0" };
}

function anchorRoute(family: Family, address: string, loopbackIndex: number): Route {
  return {
    family,
    destination: `${address}/${family === 4 ? 32 : 128}`,
    table: ROUTE_TABLE.local,
    metric: ANCHOR_METRIC,
    type: "local",
    scope: family === 4 ? "host" : "universe",
    protocol: OUR_PROTOCOL,
    nextHopId: 0,
    index: loopbackIndex,
    source: "",
  };
}

function wantCopies(group: Group, copies: WantedAddress[]): void {
  const links = new Map(group.members.map((member) => [nameOf(member), member.link]));
  for (const { family, address } of group.configuration.addresses) {
    for (const name of [group.hosting.get(address), group.retiring.get(address)?.member]) {
      const link = name === undefined ? undefined : links.get(name);
      if (link !== undefined) copies.push(hostAddress(link.index, family, address));
    }
  }
}

/** The members that a family leaves by, as links; those of `carrying` get the traffic. */
interface Ways {
  readonly family: Family;
  readonly carrying: readonly Link[];
  /** What the kernel may fall back on by itself. */
  readonly functioning: readonly Link[];
}

function wantRoutes(group: Group, ids: NextHopIds, wanted: Wanted): void {
  // On-link first: the kernel takes an IPv6 gateway only on a link through which a route leads to it already.
  const onLink = [...onLinkRoutes(group), ...probingRoutes(group)];
  for (const family of [4, 6] as const) {
    const ways = waysOf(group, family);
    const [first] = ways.carrying;
    if (first === undefined) continue;
    const name = `${group.configuration.name} IPv${family}`;
    const routes = onLink.filter((route) => route.family === family);
    const path = pathThrough(`${name} on-link`, "", routes, ways, ids);
    // Broadcasts leave by one member only, the one that has been active longest.
    const taken = ways.carrying.find(({ index }) => !ids.isRefused(ids.single(family, index, "")));
    if (family === 4) path.routes.push(...broadcastRoutes(group, ids.single(4, (taken ?? first).index, "")));
    wanted.paths.push(path);
    for (const gateway of gatewaysOf(group, family)) {
      wanted.paths.push(pathThrough(`${name} via ${gateway}`, gateway, gatewayRoutes(group, gateway), ways, ids));
    }
  }
}

function waysOf(group: Group, family: Family): Ways {
  const carrying = linksOf(carryingMembers(group, family));
  const able = linksOf(group.members.filter((member) => isFunctioning(member) && isAble(member, family)));
  return {
    family,
    carrying: group.configuration.spread === "none" ? carrying.slice(0, 1) : carrying,
    // Last resorts carry without functioning.
    functioning: able.length > 0 ? able : carrying,
  };
}

function gatewaysOf({ configuration }: Group, family: Family): Set<string> {
  return new Set(configuration.routes.filter((route) => route.family === family).map(({ via }) => via));
}

export function linksOf(members: readonly Member[]): Link[] {
  return members.map((member) => member.link).filter((link) => link !== undefined);
}

/**
 * One pair of next-hop groups and, for each route, a primary and a backup. The backup is what the kernel falls back on by
 * itself when the primary group runs empty (it takes its routes with it), even while no daemon is there.
 */
function pathThrough(
  name: string,
  gateway: string,
  routes: readonly Route[],
  { family, carrying, functioning }: Ways,
  ids: NextHopIds,
): WantedPath {
  if (routes.length === 0) return { nextHops: [], routes: [] };
  const links = [...new Set([...functioning, ...carrying])];
  const singles = links.map(({ index }) => singleNextHop(ids.single(family, index, gateway), family, index, gateway));
  const backups = routes.map((route) => ({ ...route, metric: route.metric + BACKUP_METRIC_STEP }));
  // A group with a next hop that the kernel does not take would be refused as a whole.
  const idsThrough = (members: readonly Link[]) => {
    const all = members.map(({ index }) => ids.single(family, index, gateway)).sort((a, b) => a - b);
    const taken = all.filter((id) => !ids.isRefused(id));
    return taken.length > 0 ? taken : all;
  };
  const primary = nextHopGroup(ids.group(family, `${name} primary`, routes[0]), idsThrough(carrying));
  const backup = nextHopGroup(ids.group(family, `${name} backup`, backups[0]), idsThrough(functioning));
  return {
    primary,
    nextHops: [...singles, primary, backup],
    routes: [
      ...routes.map((route) => ({ ...route, nextHopId: primary.id })),
      ...backups.map((route) => ({ ...route, nextHopId: backup.id })),
    ],
  };
}

function singleNextHop(id: number, family: Family, index: number, gateway: string): NextHop {
  return { id, family, index, gateway, group: [], protocol: OUR_PROTOCOL };
}

function nextHopGroup(id: number, group: readonly number[]): NextHop {
  return { id, family: 0, index: 0, gateway: "", group, protocol: OUR_PROTOCOL };
}
