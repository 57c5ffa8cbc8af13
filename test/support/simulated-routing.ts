/**
 * Next hops, groups and routes of the simulated kernel, with the cascades that Linux does by itself:
 * a next hop that goes leaves its groups, a group that becomes empty goes, and its routes go with it.
 * Deleted IPv6 routes are reported, deleted IPv4 routes are not: that is how Linux behaves.
 */
import type { Family } from "../../src/core/configuration.ts";
import type {
  KernelNotice,
  KernelOutcome,
  NextHop,
  OtherRoute,
  Route,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_PROTOCOL, ROUTE_TABLE } from "../../src/core/kernel-state/kernel-objects.ts";
import { addressPrefix } from "./simulated-configuration.ts";
import { DONE, refused } from "./simulated-outcomes.ts";

/** What routing must know of devices and addresses. */
export interface Surroundings {
  /** Why a next hop on this device would be refused, or undefined. */
  refusesNextHop(index: number, family: Family): KernelOutcome | undefined;
  /** Is the address on any device, and usable there? */
  onDevice(family: Family, address: string): boolean;
  notify(notice: KernelNotice): void;
  /** Somebody else's object would be changed: never right. */
  violation(text: string): void;
}

/** Ours, or one of somebody else's, which may name a gateway of its own. */
export interface HeldRoute extends Route {
  readonly gateway?: string;
}

/** IPv6 shows metric 1024 where 0 was given. */
const IPV6_DEFAULT_METRIC = 1024;

export class SimulatedRouting {
  readonly nextHops = new Map<number, NextHop>();
  private readonly routesByKey = new Map<string, HeldRoute>();
  private readonly surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  get routes(): readonly HeldRoute[] {
    return [...this.routesByKey.values()];
  }

  /** Strangers' unicast routes of the main table by these links, as a dump shows them. */
  otherRoutes(indexes: readonly number[]): OtherRoute[] {
    return this.routes.flatMap((route) => this.asOther(route)).filter((route) => indexes.includes(route.index));
  }

  /** The kernel makes one for each address with a subnet, and it goes with the address. */
  setPrefixRoute(route: Route): void {
    if (!this.routesByKey.has(routeKey(route))) this.setRoute(route, false);
  }

  dropPrefixRoute({ destination, index, protocol }: Pick<Route, "destination" | "index" | "protocol">): void {
    this.dropRoutes((r) => r.destination === destination && r.index === index && r.protocol === protocol);
  }

  /** Our anchor, a stranger's local route: anything that makes the host answer for the address without a device. */
  isAnchored(family: Family, address: string): boolean {
    const destination = `${address}/${family === 4 ? 32 : 128}`;
    return this.routes.some((route) => route.type === "local" && route.destination === destination);
  }

  /** By whatever link, with its carrier or without. */
  leadsTo(address: string): boolean {
    return this.routes.some(({ family, type, table, destination }) => {
      const length = destination.split("/")[1];
      const isWay = family === 4 && type === "unicast" && table === ROUTE_TABLE.main;
      return isWay && addressPrefix(`${address}/${length}`).subnet === destination;
    });
  }

  setNextHop(nextHop: NextHop): KernelOutcome {
    const refusal = this.surroundings.refusesNextHop(nextHop.index, nextHop.family === 6 ? 6 : 4);
    if (refusal !== undefined) return refusal;
    return this.putNextHop(nextHop);
  }

  setGroup(nextHop: NextHop): KernelOutcome {
    const known = nextHop.group.every((id) => this.nextHops.get(id)?.group.length === 0);
    if (nextHop.group.length === 0 || !known) return refused("EINVAL", "Invalid nexthop id.");
    const leadsIpv6 = this.routes.some((route) => route.family === 6 && route.nextHopId === nextHop.id);
    if (leadsIpv6 && !this.isOfIpv6(nextHop)) return refused("EINVAL", "IPv6 routes can not use an IPv4 nexthop.");
    return this.putNextHop(nextHop);
  }

  private isOfIpv6({ family, group }: NextHop): boolean {
    return family === 6 || (group.length > 0 && group.every((id) => this.nextHops.get(id)?.family === 6));
  }

  private putNextHop(nextHop: NextHop): KernelOutcome {
    const present = this.nextHops.get(nextHop.id);
    if (present !== undefined) {
      if (present.group.length > 0 !== nextHop.group.length > 0)
        return refused("EINVAL", "Can not replace a nexthop group with a nexthop.");
      if (present.protocol !== nextHop.protocol) this.surroundings.violation(`next hop ${nextHop.id} was a stranger's`);
    }
    this.nextHops.set(nextHop.id, nextHop);
    this.surroundings.notify({ kind: "next-hop", nextHop });
    return DONE;
  }

  /** A request by `protocol` to delete; strangers' next hops are counted as a violation, not spared. */
  removeNextHop(id: number, protocol: number): KernelOutcome {
    const present = this.nextHops.get(id);
    if (present === undefined) return refused("ENOENT");
    if (present.protocol !== protocol) this.surroundings.violation(`next hop ${id} was a stranger's`);
    this.dropNextHop(id, false);
    return DONE;
  }

  /** A flush is silent, whatever it takes with it; a deletion by request is told. */
  private dropNextHop(id: number, silently: boolean): void {
    const notify = (notice: KernelNotice) => (silently ? undefined : this.surroundings.notify(notice));
    this.nextHops.delete(id);
    notify({ kind: "next-hop-removed", id });
    for (const group of [...this.nextHops.values()]) {
      if (!group.group.includes(id)) continue;
      const remaining = { ...group, group: group.group.filter((member) => member !== id) };
      if (remaining.group.length === 0) this.dropNextHop(group.id, silently);
      else {
        this.nextHops.set(group.id, remaining);
        notify({ kind: "next-hop", nextHop: remaining });
      }
    }
    this.dropRoutes((route) => route.nextHopId === id, silently);
  }

  /** The device lost its carrier, was set down or went away. */
  flushDevice(index: number, alsoRoutes: boolean): void {
    for (const nextHop of [...this.nextHops.values()]) if (nextHop.index === index) this.dropNextHop(nextHop.id, true);
    if (alsoRoutes) this.dropRoutes((route) => route.index === index);
  }

  /** An IPv4 address has gone from a device: routes that name it as source go too unless something still holds it. */
  flushSource(address: string): void {
    if (this.surroundings.onDevice(4, address) || this.isAnchored(4, address)) return;
    this.dropRoutes((route) => route.family === 4 && route.source === address);
  }

  private dropRoutes(matches: (route: HeldRoute) => boolean, silently = false): void {
    for (const [key, route] of [...this.routesByKey])
      if (matches(route)) {
        this.routesByKey.delete(key);
        if (route.family === 6 && !silently) this.report("route-removed", route);
      }
  }

  setRoute(asked: HeldRoute, replace: boolean): KernelOutcome {
    const route = { ...asked, metric: effectiveMetric(asked) };
    const refusal = this.refusesRoute(route);
    if (refusal !== undefined) return refusal;
    const present = this.routesByKey.get(routeKey(route));
    if (!replace && (present !== undefined || this.isKernelsOwn(route))) return refused("EEXIST");
    if (present !== undefined && present.protocol !== route.protocol)
      this.surroundings.violation(`route ${route.destination} was a stranger's`);
    if (present === undefined && this.isKernelsOwn(route))
      this.surroundings.violation(`route ${route.destination} in table local was the kernel's own`);
    this.routesByKey.set(routeKey(route), route);
    this.report("route", route);
    return DONE;
  }

  private refusesRoute(route: HeldRoute): KernelOutcome | undefined {
    const nextHop = this.nextHops.get(route.nextHopId);
    if (route.nextHopId !== 0 && nextHop === undefined) return refused("EINVAL", "Nexthop id does not exist.");
    if (route.family === 6 && nextHop !== undefined && !this.isOfIpv6(nextHop))
      return refused("EINVAL", "IPv6 routes can not use an IPv4 nexthop.");
    if (route.source === "" || route.type === "local") return undefined;
    if (this.surroundings.onDevice(route.family, route.source)) return undefined;
    if (route.family === 6) return refused("EINVAL", "Invalid source address.");
    return this.isAnchored(4, route.source) ? undefined : refused("EINVAL", "Invalid prefsrc address.");
  }

  /** Every IPv4 address on a device has a local route of the kernel's at metric 0. */
  private isKernelsOwn(route: HeldRoute): boolean {
    if (route.family !== 4 || route.table !== ROUTE_TABLE.local || route.type !== "local" || route.metric !== 0)
      return false;
    return this.surroundings.onDevice(4, route.destination.replace(/\/32$/, ""));
  }

  /** Deletes only what carries the protocol that the request names, as the kernel does. */
  removeRoute(asked: Route): KernelOutcome {
    const key = routeKey({ ...asked, metric: effectiveMetric(asked) });
    const present = this.routesByKey.get(key);
    if (present === undefined || present.protocol !== asked.protocol) return refused("ESRCH");
    this.routesByKey.delete(key);
    this.report("route-removed", present);
    return DONE;
  }

  private report(kind: "route" | "route-removed", route: HeldRoute): void {
    if (route.protocol === OUR_PROTOCOL) this.surroundings.notify({ kind, route });
    for (const other of this.asOther(route)) this.surroundings.notify({ kind: `other-${kind}`, route: other });
  }

  /** One for each of its next hops; none for what is ours, or no unicast route of the main table. */
  private asOther({ type, table, family, destination, metric, protocol, ...route }: HeldRoute): OtherRoute[] {
    if (type !== "unicast" || table !== ROUTE_TABLE.main || protocol === OUR_PROTOCOL) return [];
    const common = { family, destination, metric, protocol };
    const nextHop = this.nextHops.get(route.nextHopId);
    if (nextHop === undefined) return [{ ...common, index: route.index, gateway: route.gateway ?? "" }];
    const singles = nextHop.group.length === 0 ? [nextHop] : nextHop.group.map((id) => this.nextHops.get(id));
    return singles
      .filter((single) => single !== undefined)
      .map(({ index, gateway }) => ({ ...common, index, gateway }));
  }
}

function effectiveMetric(route: Route): number {
  return route.family === 6 && route.metric === 0 ? IPV6_DEFAULT_METRIC : route.metric;
}

function routeKey(route: Route): string {
  return `${route.family} ${route.destination} ${route.table} ${route.metric}`;
}
