/**
 * What must hold, worked out from the configuration and the simulated kernel alone, without any of the machine's code.
 * Each checker throws a `Violated` that names what was found.
 */
import type { DataAddressConfiguration, Family, GroupConfiguration } from "../../src/core/configuration.ts";
import { OUR_LINK_ALIAS, OUR_PROTOCOL, type Route } from "../../src/core/kernel-state/kernel-objects.ts";
import { MEMBER_SETTINGS } from "../../src/core/kernel-state/settings.ts";
import { addressPrefix } from "../support/simulated-configuration.ts";
import { NAMESPACE_INDEX } from "../support/simulated-settings.ts";
import { checkFamilies } from "./family-checkers.ts";
import { checkStates } from "./state-checkers.ts";
import { demand } from "./violated.ts";
import type { World } from "./world.ts";

/** At every moment: strangers are left alone, and an address that was in place once stays accepted by the host. */
export function checkSafety(world: World): void {
  const { kernel, settled, shaken } = world;
  demand(kernel.violations.length === 0, () => `strangers' objects touched: ${kernel.violations.join("; ")}`);
  for (const { addresses } of world.configuration.groups)
    for (const { family, address } of addresses) {
      const present = kernel.isHostAddress(family, address);
      demand(present || !settled.has(address), () => `address ${address} was lost`);
      if (isAnchored(world, family, address) && !shaken.has(address)) settled.add(address);
    }
}

/**
 * While nothing goes wrong, an address that moves is answered for at every moment: added there before it is removed here.
 * `hosted` holds the addresses that were hosted a moment ago, and is brought up to date.
 */
export function checkNoGap(world: World, hosted: Set<string>): void {
  for (const group of world.configuration.groups)
    for (const { family, address } of group.addresses) {
      const present = hostsOf(world, group, address).length > 0;
      const ready = carriersOf(world, readyMembers(world, group), family);
      const lost = hosted.has(address) && !present && ready.length > 0;
      demand(!lost, () => `nobody hosted ${address} for a moment`);
      if (present) hosted.add(address);
      else hosted.delete(address);
    }
}

/** Held by something that no NIC takes away: our local route or the group interface. */
function isAnchored({ kernel, configuration }: World, family: 4 | 6, address: string): boolean {
  const devices = configuration.groups.map((group) => kernel.link(group.name)?.index);
  const onDevice = kernel.addresses.all.some((held) => held.address === address && devices.includes(held.index));
  return onDevice || kernel.routing.isAnchored(family, address);
}

/** When nothing has happened for a while: everything is where it belongs, and nothing of ours is left over. */
export function checkCalm(world: World, strangersObjects: string): void {
  demand(world.strangersObjects() === strangersObjects, () => "strangers' objects changed");
  checkStates(world);
  for (const group of world.configuration.groups) {
    checkActives(world, group);
    for (const address of group.addresses) checkPlacement(world, group, address);
    checkBalance(world, group);
    checkSettings(world, group);
    checkPaths(world, group);
    checkFamilies(world, group, functioningMembers(world, group));
  }
  checkSurplus(world);
}

/** Members that have to function at this moment, and those of which nobody can tell and which do. */
export function functioningMembers(world: World, group: GroupConfiguration): string[] {
  const functioning = saidToFunction(world);
  return group.members
    .filter((member) => {
      const expected = world.expected(group, member);
      return expected === "functioning" || (expected === "either" && functioning.includes(member.name));
    })
    .map(({ name }) => name);
}

/** Of these, the ones whose repair is over: ten good probes, or a hold-down, take their time. */
function readyMembers(world: World, group: GroupConfiguration): string[] {
  const functioning = saidToFunction(world);
  return functioningMembers(world, group).filter((name) => functioning.includes(name));
}

function saidToFunction({ daemon }: World): string[] {
  const { interfaces } = daemon.snapshot();
  return interfaces.filter(({ state }) => state === "ok" || state === "unknown").map(({ name }) => name);
}

/** Nobody functions, and these still carry what they carried: their links are up, and their targets may have died. */
function lastResorts(world: World, group: GroupConfiguration): string[] {
  const names = group.members.filter((member) => world.expected(group, member) !== "offline").map(({ name }) => name);
  return names.filter((name) => world.truth.isLive(name));
}

function activeMembers(world: World, group: GroupConfiguration): readonly string[] {
  const row = world.daemon.snapshot().groups.find((candidate) => candidate.groupName === group.name);
  demand(row !== undefined, () => `group ${group.name} is not in the snapshot`);
  return row.active;
}

function checkActives(world: World, group: GroupConfiguration): void {
  const functioning = functioningMembers(world, group);
  const active = activeMembers(world, group);
  const text = () => `group ${group.name}: active ${active.join(" ")} of functioning ${functioning.join(" ")}`;
  demand(
    active.every((name) => functioning.includes(name)),
    text,
  );
  const wanted = Math.max(1, group.members.filter((member) => !member.standby).length);
  if (group.failback) demand(active.length === Math.min(wanted, functioning.length), text);
  else demand(active.length >= Math.min(1, functioning.length) && active.length <= wanted, text);
}

/** Anchored always, in a kernel that has its family; exactly one copy, on an active member; the peer's packets arrive. */
function checkPlacement(world: World, group: GroupConfiguration, { family, address }: DataAddressConfiguration): void {
  const { kernel } = world;
  if (family === 6 && !kernel.hasIpv6) return;
  demand(kernel.isHostAddress(family, address), () => `address ${address} is not on the host`);
  const hosts = hostsOf(world, group, address);
  const groupFailed = functioningMembers(world, group).length === 0;
  const active = groupFailed ? lastResorts(world, group) : activeMembers(world, group);
  const choices = [active, groupFailed ? active : functioningMembers(world, group)];
  const carrying = choices.map((names) => carriersOf(world, names, family)).find(({ length }) => length > 0);
  // See `checkFamilies`.
  if (carrying === undefined) return;
  demand(hosts.length === 1, () => `address ${address} is hosted by ${hosts.join(" ") || "nobody"}`);
  demand(
    carrying.includes(hosts[0] ?? ""),
    () => `address ${address} is hosted by ${hosts}, active are ${carrying.join(" ")}`,
  );
  demand(kernel.peer.reaches(family, address), () => `the peer does not reach ${address}`);
  if (groupFailed) return;
  const row = world.daemon.snapshot().addresses.find((candidate) => candidate.address === address);
  demand(row?.inbound === hosts[0], () => `the snapshot says ${address} is on ${row?.inbound}, it is on ${hosts}`);
}

/** With failback and nobody preferred, each family is spread evenly: no member hosts two more than another. */
function checkBalance(world: World, group: GroupConfiguration): void {
  if (!group.failback || group.addresses.some(({ prefer }) => prefer !== undefined)) return;
  for (const family of [4, 6] as const) {
    const hosts = group.addresses
      .filter((address) => address.family === family)
      .flatMap(({ address }) => hostsOf(world, group, address));
    const counts = carriersOf(world, activeMembers(world, group), family).map(
      (name) => hosts.filter((host) => host === name).length,
    );
    const even = counts.length === 0 || Math.max(...counts) - Math.min(...counts) <= 1;
    demand(even, () => `IPv${family} addresses of ${group.name} are hosted by ${hosts.join(" ")}`);
  }
}

/** Those whose links have this family. */
export function carriersOf({ truth }: World, names: readonly string[], family: Family): string[] {
  return names.filter((name) => truth.carries(name, family));
}

/** The members that have a copy of this address from us. */
export function hostsOf({ kernel }: World, group: GroupConfiguration, address: string): string[] {
  return kernel.addresses.all
    .filter((held) => held.address === address && held.protocol === OUR_PROTOCOL)
    .map((held) => kernel.nameOf(held.index))
    .filter((name) => group.members.some((member) => member.name === name));
}

/** It carries data, and has no IPv4 address that neighbours could be asked with. */
function borrowsSender(world: World, group: GroupConfiguration, name: string): boolean {
  const index = world.kernel.link(name)?.index ?? 0;
  const held = world.kernel.addresses
    .on(index)
    .filter(({ family, protocol }) => family === 4 && protocol === OUR_PROTOCOL);
  return held.length === 0 && activeMembers(world, group).includes(name);
}

function checkSettings(world: World, group: GroupConfiguration): void {
  const { kernel } = world;
  for (const { name } of group.members) {
    const link = kernel.link(name);
    if (link === undefined) continue;
    for (const { key, value } of MEMBER_SETTINGS) {
      // Who carries the data of a group that has failed is not known from outside.
      if (key.startsWith("ipv6.") && !world.truth.carries(name, 6)) continue;
      if (key === "ipv4.arp_announce" && functioningMembers(world, group).length === 0) continue;
      const wanted = key === "ipv4.arp_announce" && borrowsSender(world, group, name) ? "0" : value;
      demand(kernel.settings.of(link.index)[key] === wanted, () => `setting ${key} of ${name} is not ${wanted}`);
    }
  }
}

/** Every subnet and every configured route leaves through the active members, or through one of them with spread none. */
function checkPaths(world: World, group: GroupConfiguration): void {
  const active = activeMembers(world, group);
  if (active.length === 0) return;
  const isRightOf = (carrying: readonly string[]) => (used: readonly string[]) =>
    used.length === (group.spread === "none" ? 1 : carrying.length) && used.every((name) => carrying.includes(name));
  const isRight = isRightOf(active);
  for (const destination of destinations(group)) {
    const carrying = carriersOf(world, active, destination.includes(":") ? 6 : 4);
    if (carrying.length === 0) continue;
    const used = outboundLinks(world, destination);
    const text = () => `${destination} leaves by ${used.join(" ") || "nothing"}, active are ${carrying.join(" ")}`;
    demand(isRightOf(carrying)(used), text);
  }
  // Groups may share such a subnet, and have a route there each.
  for (const destination of lonelyTestSubnets(group)) {
    const ways = routesTo(world, destination).map((route) => linksOf(world, route));
    demand(ways.some(isRight), () => `no route to ${destination} leaves by the active ${active.join(" ")}`);
  }
}

/** Those of IPv4 that no other route of the group leads to. */
function lonelyTestSubnets(group: GroupConfiguration): string[] {
  const tested = group.members.flatMap(({ testAddresses }) => testAddresses.filter(({ family }) => family === 4));
  const isReached = (address: string) =>
    destinations(group).some(
      (way) => !way.includes(":") && addressPrefix(`${address}/${way.split("/")[1]}`).subnet === way,
    );
  return [...new Set(tested.filter(({ address }) => !isReached(address)).map(({ subnet }) => subnet))];
}

function destinations(group: GroupConfiguration): string[] {
  return [...new Set([...group.addresses.map(({ subnet }) => subnet), ...group.routes.map(({ to }) => to)])];
}

/** Names of the links that the best of our routes to `destination` spreads over; empty where there is no route. */
export function outboundLinks(world: World, destination: string): string[] {
  const best = routesTo(world, destination)[0];
  return best === undefined ? [] : linksOf(world, best);
}

/** Ours, best first. */
function routesTo({ kernel }: World, destination: string): Route[] {
  const ours = kernel.routing.routes.filter((route) => route.destination === destination && isUnicast(route));
  return ours.sort((a, b) => a.metric - b.metric);
}

function linksOf({ kernel }: World, { nextHopId }: Route): string[] {
  const group = kernel.routing.nextHops.get(nextHopId)?.group ?? [];
  return group.map((id) => kernel.nameOf(kernel.routing.nextHops.get(id)?.index ?? 0));
}

function isUnicast(route: Route): boolean {
  return route.type === "unicast" && route.protocol === OUR_PROTOCOL;
}

/** Of ours there is nothing but data addresses (anchored and hosted), test addresses, and routes somebody asked for. */
function checkSurplus({ kernel, configuration }: World): void {
  const { groups } = configuration;
  const allowed = groups.flatMap((group) => [
    ...group.addresses.map(({ address }) => `${address} ${group.name}`),
    ...group.members.flatMap(({ name, testAddresses }) =>
      [...group.addresses, ...testAddresses].map(({ address }) => `${address} ${name}`),
    ),
  ]);
  for (const held of kernel.addresses.all.filter(({ protocol }) => protocol === OUR_PROTOCOL)) {
    const name = kernel.nameOf(held.index);
    const place = `${held.address} ${name}`;
    // A member that was without a link-local address for long is given one.
    const isLinkLocal = held.scope === "link" && groups.some(({ members }) => members.some((one) => one.name === name));
    demand(isLinkLocal || allowed.includes(place), () => `left over: address ${place}`);
  }
  const targets = groups.flatMap((group) => [
    ...destinations(group),
    ...lonelyTestSubnets(group),
    ...group.addresses.flatMap(({ address, family, broadcast }) => [
      `${address}/${family === 4 ? 32 : 128}`,
      `${broadcast}/32`,
    ]),
  ]);
  for (const { destination, protocol } of kernel.routing.routes)
    demand(protocol !== OUR_PROTOCOL || targets.includes(destination), () => `left over: route ${destination}`);
  checkUnusedNextHops(kernel);
}

/** Groups serve routes; single next hops serve groups, or the broadcast route. */
function checkUnusedNextHops({ routing }: World["kernel"]): void {
  const used = new Set(routing.routes.map((route) => route.nextHopId));
  for (const { group } of routing.nextHops.values()) for (const id of group) used.add(id);
  for (const { id, protocol } of routing.nextHops.values())
    demand(protocol !== OUR_PROTOCOL || used.has(id), () => `left over: next hop ${id}`);
}

/** After the release nothing of ours is there and every setting is as it was. */
export function checkReleased({ kernel }: World): void {
  const addresses = kernel.addresses.all.filter((held) => held.protocol === OUR_PROTOCOL);
  demand(addresses.length === 0, () => `not released: ${addresses.map((held) => held.address).join(" ")}`);
  const routes = kernel.routing.routes.filter((route) => route.protocol === OUR_PROTOCOL);
  demand(routes.length === 0, () => `not released: routes ${routes.map((route) => route.destination).join(" ")}`);
  const nextHops = [...kernel.routing.nextHops.values()].filter((nextHop) => nextHop.protocol === OUR_PROTOCOL);
  demand(nextHops.length === 0, () => `not released: ${nextHops.length} next hops`);
  demand(!kernel.links.some((link) => link.alias === OUR_LINK_ALIAS), () => "not released: the group interface");
  for (const index of [NAMESPACE_INDEX, ...kernel.links.map((link) => link.index)])
    demand(kernel.settings.isPristine(index), () => `not released: settings of ${kernel.nameOf(index)}`);
}
