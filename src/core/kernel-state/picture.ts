/**
 * What the machine believes of the kernel. It changes only by what the kernel reported: dumps, notices, and the
 * acknowledgement of a request. Notices are hints, dumps are truth: a dump replaces everything.
 */
import {
  type InterfaceAddress,
  type KernelNotice,
  type KernelPicture,
  type KernelRequest,
  type Link,
  type NextHop,
  type OtherRoute,
  OUR_PROTOCOL,
  type Route,
} from "./kernel-objects.ts";
import { IN_DOUBT, IPV6_DISABLED, NAMESPACE_SETTINGS, PER_FLOW_SETTINGS } from "./settings.ts";
import { Stacks } from "./stacking.ts";

const [{ key: SETTING_OF_IPV4 }] = NAMESPACE_SETTINGS;
const [, { key: SETTING_OF_IPV6 }] = PER_FLOW_SETTINGS;

/** A device has an IPv6 address once, whatever its prefix length; one of IPv4 may be there with several. */
export function addressKey(index: number, address: string, prefixLength: number): string {
  return address.includes(":") ? `${index}|${address}` : `${index}|${address}/${prefixLength}`;
}

export function routeKey(route: Pick<Route, "family" | "destination" | "table" | "metric" | "type">): string {
  return `${route.family}|${route.type}|${route.destination}|${route.metric}|${route.table}`;
}

function otherRouteKey({ family, destination, metric, index, gateway }: OtherRoute): string {
  return `${family}|${destination}|${metric}|${index}|${gateway}`;
}

function keyOf({ index, address, prefixLength }: InterfaceAddress): string {
  return addressKey(index, address, prefixLength);
}

/** Plain records of the same kind. */
function same<Held extends object>(one: Held | undefined, other: Held): boolean {
  if (one === undefined) return false;
  const keys = Object.keys(other) as (keyof Held)[];
  return keys.every((key) => String(one[key]) === String(other[key]));
}

function isLinkLocal(address: InterfaceAddress): boolean {
  return address.family === 6 && address.scope === "link";
}

export class Picture {
  /** Those that stand on others have the carrier that they really have, not what the kernel still believes. */
  readonly links = new Map<number, Link>();
  readonly addresses = new Map<string, InterfaceAddress>();
  readonly nextHops = new Map<number, NextHop>();
  readonly routes = new Map<string, Route>();
  readonly otherRoutes = new Map<string, OtherRoute>();
  readonly settings = new Map<string, string>();
  /** Does the kernel have IPv6 at all? One that was booted without has no settings of it. */
  hasIpv6 = true;
  /** Keys of the settings whose old value is kept, by index of the link; 0 is the namespace. */
  readonly kept = new Map<number, ReadonlySet<string>>();

  /** Texts of all addresses of this host; made anew when one has changed. */
  #own: Set<string> | undefined;

  isOwn(address: string): boolean {
    this.#own ??= new Set([...this.addresses.values()].map((held) => held.address));
    return this.#own.has(address);
  }

  /**
   * Does the notice say anything new? The kernel repeats what it was asked for, and the picture has that from the
   * acknowledgement already.
   */
  isNews(notice: KernelNotice): boolean {
    switch (notice.kind) {
      case "address":
        return !same(this.addresses.get(keyOf(notice.address)), notice.address);
      case "address-removed":
        return this.addresses.has(keyOf(notice.address));
      case "next-hop":
        return !same(this.nextHops.get(notice.nextHop.id), notice.nextHop);
      case "next-hop-removed":
        return this.nextHops.has(notice.id);
      case "route":
        return !same(this.routes.get(routeKey(notice.route)), notice.route);
      case "route-removed":
        return this.routes.has(routeKey(notice.route));
      default:
        return true;
    }
  }

  /** The links as the kernel tells them. */
  readonly stacks = new Stacks();

  /** By name; made anew when a link has changed. */
  #named: Map<string, Link> | undefined;

  linkNamed(name: string): Link | undefined {
    this.#named ??= new Map([...this.links.values()].map((link) => [link.name, link]));
    return this.#named.get(name);
  }

  replace(dump: KernelPicture): void {
    const { links, addresses, nextHops, routes, otherRoutes, settings, kept } = this;
    for (const map of [links, addresses, nextHops, routes, otherRoutes, settings, kept]) map.clear();
    this.stacks.clear();
    for (const link of dump.links) this.stacks.put(link);
    for (const link of dump.links) this.#believe(link);
    this.#named = undefined;
    this.#own = undefined;
    for (const address of dump.addresses) this.#putAddress(address);
    for (const nextHop of dump.nextHops) this.nextHops.set(nextHop.id, nextHop);
    for (const route of dump.routes) this.#putRoute(route);
    for (const route of dump.otherRoutes) otherRoutes.set(otherRouteKey(route), route);
    for (const [key, value] of Object.entries(dump.settings)) this.settings.set(key, value);
    this.hasIpv6 = `/${SETTING_OF_IPV6}` in dump.settings || !(`/${SETTING_OF_IPV4}` in dump.settings);
    for (const { index, keys } of dump.kept) this.kept.set(index, new Set(keys));
  }

  apply(notice: KernelNotice): void {
    switch (notice.kind) {
      case "link":
        this.#putLink(notice.link);
        this.#inferFlush(notice.link);
        return;
      case "link-removed":
        this.#dropLink(notice.index);
        return;
      case "carrier":
        this.#setCarrier(notice.index, notice.carrier);
        return;
      case "address":
        this.#putAddress(notice.address);
        return;
      case "address-removed":
        if (this.isNews(notice)) this.#doubtIpv6(notice.address);
        this.#dropAddress(notice.address.index, notice.address.address, notice.address.prefixLength);
        return;
      case "next-hop":
        this.nextHops.set(notice.nextHop.id, notice.nextHop);
        return;
      case "next-hop-removed":
        this.#dropNextHop(notice.id);
        return;
      case "route":
        this.#putRoute(notice.route);
        return;
      case "route-removed":
        this.routes.delete(routeKey(notice.route));
        return;
      case "other-route":
        this.otherRoutes.set(otherRouteKey(notice.route), notice.route);
        return;
      case "other-route-removed":
        this.otherRoutes.delete(otherRouteKey(notice.route));
        return;
    }
  }

  /** The kernel acknowledged `request`. What it makes up by itself (the index of a new link) comes as a notice. */
  confirm(request: KernelRequest): void {
    switch (request.op) {
      case "create-link":
        return;
      case "set-link-up": {
        const link = this.stacks.get(request.index);
        if (link !== undefined) this.#putLink({ ...link, adminUp: true });
        return;
      }
      case "remove-link":
        this.#dropLink(request.index);
        return;
      case "set-setting":
        this.settings.set(`${request.link}/${request.key}`, request.value);
        this.kept.set(request.index, new Set([...(this.kept.get(request.index) ?? []), request.key]));
        return;
      case "restore-settings":
        for (const key of request.keys) this.settings.delete(`${request.link}/${key}`);
        this.#forgetKept(request.index, request.keys);
        return;
      case "set-address": {
        const { op: _, replace: __, ...address } = request;
        this.#putAddress({ ...address, protocol: OUR_PROTOCOL, tentative: false });
        return;
      }
      case "remove-address":
        this.#dropAddress(request.index, request.address, request.prefixLength);
        return;
      case "set-next-hop": {
        const { op: _, ...single } = request;
        this.nextHops.set(single.id, { ...single, group: [], protocol: OUR_PROTOCOL });
        return;
      }
      case "set-next-hop-group": {
        const { id, group } = request;
        this.nextHops.set(id, { id, family: 0, index: 0, gateway: "", group, protocol: OUR_PROTOCOL });
        return;
      }
      case "remove-next-hop":
        this.#dropNextHop(request.id);
        return;
      case "set-route":
        this.#putRoute(request.route);
        return;
      case "remove-route":
        this.routes.delete(routeKey(request.route));
        return;
    }
  }

  #putLink(link: Link): void {
    const before = this.links.get(link.index);
    if (before !== undefined && before.name !== link.name) this.#forgetSettings(before.name);
    this.stacks.put(link);
    this.#believe(link);
    this.#believeStacked();
    this.#named = undefined;
  }

  #believe(link: Link): void {
    this.links.set(link.index, this.stacks.withCarrierBelow(link));
  }

  #believeStacked(): void {
    for (const link of this.stacks.standing) this.#believe(link);
  }

  /** The link-local address that we (or a daemon before us) put on the link, or "". Without a link there is none. */
  linkLocalOfOurs(index: number | undefined): string {
    for (const address of this.addresses.values()) {
      if (address.index === index && isLinkLocal(address) && address.protocol === OUR_PROTOCOL) return address.address;
    }
    return "";
  }

  /** Somebody else's link-local address, usable or not: the kernel's may be in duplicate address detection, or have failed it. Or "". */
  foreignLinkLocal(index: number): string {
    for (const address of this.addresses.values()) {
      if (address.index === index && isLinkLocal(address) && address.protocol !== OUR_PROTOCOL) return address.address;
    }
    return "";
  }

  /** IPv6 through this link works: its link-local address is there and not in duplicate address detection. */
  hasUsableLinkLocal(index: number): boolean {
    for (const address of this.addresses.values()) {
      if (address.index === index && isLinkLocal(address) && !address.tentative) return true;
    }
    return false;
  }

  /** Of IPv6 that is switched off on a link the kernel tells nothing but that its addresses go. */
  #doubtIpv6(lost: InterfaceAddress): void {
    const link = this.links.get(lost.index);
    if (link?.adminUp && isLinkLocal(lost)) this.settings.set(`${link.name}/${IPV6_DISABLED}`, IN_DOUBT);
  }

  /**
   * When the kernel reports a link down it has flushed the next hops of that link, without a notice of its own. The carrier
   * watch is ahead of that: what it reports has not been flushed yet.
   */
  #inferFlush(link: Link): void {
    if (link.adminUp && link.carrier) return;
    for (const nextHop of [...this.nextHops.values()]) if (nextHop.index === link.index) this.#dropNextHop(nextHop.id);
  }

  #setCarrier(index: number, carrier: boolean): void {
    const link = this.stacks.get(index);
    if (link !== undefined) this.#putLink({ ...link, carrier });
  }

  #dropLink(index: number): void {
    const link = this.links.get(index);
    if (link !== undefined) this.#forgetSettings(link.name);
    this.links.delete(index);
    this.stacks.drop(index);
    this.#believeStacked();
    this.#named = undefined;
    for (const [key, address] of this.addresses) if (address.index === index) this.addresses.delete(key);
    this.#own = undefined;
    for (const route of [...this.routes.values()]) if (route.index === index) this.routes.delete(routeKey(route));
    for (const [key, route] of this.otherRoutes) if (route.index === index) this.otherRoutes.delete(key);
    for (const nextHop of [...this.nextHops.values()]) if (nextHop.index === index) this.#dropNextHop(nextHop.id);
  }

  #putAddress(address: InterfaceAddress): void {
    this.addresses.set(keyOf(address), address);
    this.#own = undefined;
  }

  /** The kernel silently drops IPv4 routes whose preferred source is no longer local; IPv6 ones stay. */
  #dropAddress(index: number, text: string, prefixLength: number): void {
    const key = addressKey(index, text, prefixLength);
    const family = this.addresses.get(key)?.family;
    this.addresses.delete(key);
    this.#own = undefined;
    if (family !== 4) return;
    const bound = [...this.routes].filter(([, route]) => route.source === text);
    if (bound.length === 0 || this.isLocal(text)) return;
    for (const [boundKey] of bound) this.routes.delete(boundKey);
  }

  /** Indexes of the links that the next-hop object of this id leads out of. */
  linksThrough(id: number): number[] {
    const nextHop = this.nextHops.get(id);
    if (nextHop === undefined) return [];
    return nextHop.family === 0 ? nextHop.group.flatMap((one) => this.linksThrough(one)) : [nextHop.index];
  }

  /** Some device or a local route carries the address: the host takes what is sent to it. */
  isLocal(text: string): boolean {
    for (const address of this.addresses.values()) if (address.address === text) return true;
    for (const route of this.routes.values()) {
      if (route.type === "local" && route.destination.startsWith(`${text}/`)) return true;
    }
    return false;
  }

  /** A next hop leaves its groups; a group that becomes empty goes, and all its routes (IPv4 ones unannounced) with it. */
  #dropNextHop(id: number): void {
    this.nextHops.delete(id);
    for (const [key, route] of this.routes) if (route.nextHopId === id) this.routes.delete(key);
    for (const other of [...this.nextHops.values()]) {
      if (!other.group.includes(id)) continue;
      const group = other.group.filter((member) => member !== id);
      if (group.length === 0) this.#dropNextHop(other.id);
      else this.nextHops.set(other.id, { ...other, group });
    }
  }

  #putRoute(route: Route): void {
    this.routes.set(routeKey(route), route);
  }

  #forgetKept(index: number, keys: readonly string[]): void {
    const left = [...(this.kept.get(index) ?? [])].filter((key) => !keys.includes(key));
    if (left.length === 0) this.kept.delete(index);
    else this.kept.set(index, new Set(left));
  }

  /** A new device under this name starts with the kernel's default settings. */
  #forgetSettings(name: string): void {
    for (const key of this.settings.keys()) if (key.startsWith(`${name}/`)) this.settings.delete(key);
  }
}
