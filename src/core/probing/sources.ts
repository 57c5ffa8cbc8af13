/** Who is probed, and whom to ask: test addresses, routers and hosts, as the configuration and the kernel have them by now. */
import type { Family } from "../configuration.ts";
import { type Group, isFunctioning, type Member, nameOf } from "../group.ts";
import { hasFailed, isOffline } from "../members/interface-state.ts";
import type { ProbingContext } from "./context.ts";
import { reviewOpinion } from "./effects.ts";
import {
  clearHistory,
  forgetWithoutTargets,
  type Instance,
  instancesOf,
  isProbed,
  NEVER_PROBED,
  QUIET_PERIOD_MS,
  resetInstance,
  setAside,
} from "./instance.ts";
import type { TargetKind, WantedTarget } from "./targets.ts";
import { chooseTestAddress, isDuplicate, isUsable, reaches } from "./test-address.ts";
import { probeTransitively, transitiveAddresses } from "./transitive.ts";

const FAMILIES: readonly Family[] = [4, 6];

/** After every change of the picture, the configuration or the states of members, and at the deadlines below. */
export function updateProbing(group: Group, context: ProbingContext): void {
  for (const member of group.members) {
    for (const instance of instancesOf(member)) updateSource(group, member, instance, context);
    tellTestAddress(group, member, context);
  }
  for (const family of FAMILIES) updateTargets(group, family, context);
  reviewOpinion(group);
}

/** Monotonic ms of everything that probing waits for. */
export function probingDeadlines(group: Group): number[] {
  const untold = group.members.filter(({ testAddressTold }) => testAddressTold === "nothing");
  return untold.flatMap((member) => missingFrom(member) ?? []);
}

function updateSource(group: Group, member: Member, instance: Instance, { picture, now }: ProbingContext): void {
  const { testAddresses } = member.configuration;
  const index = isOffline(member.state) || isWithout(member, instance.family) ? undefined : member.link?.index;
  const present = instance.testAddress;
  const chosen =
    index === undefined ? undefined : chooseTestAddress(testAddresses, instance.family, picture, index, present);
  const transitive = index === undefined || chosen !== undefined ? [] : transitiveAddresses(group, instance.family);
  const another = chosen?.address !== present?.address || chosen?.subnet !== present?.subnet;
  if (another || transitive.length > 0 !== (instance.transitive !== undefined)) {
    resetInstance(instance, now);
    // After a restart, for one: failed until ten answers say otherwise.
    instance.failed = hasFailedByProbes(member);
  }
  instance.testAddress = chosen;
  if (transitive.length > 0) probeTransitively(instance, transitive, now);
  // A card that comes again is a new one.
  if (member.link === undefined) instance.quietUntil = NEVER_PROBED;
  if (chosen !== undefined && index !== undefined) {
    setUsable(instance, isUsable(chosen, picture, index), now);
    setDuplicate(instance, !group.anonymous && isDuplicate(chosen, picture, otherIndexes(group, member)), now);
  }
  const isNew = chosen !== undefined || transitive.length > 0;
  if (isNew && instance.quietUntil === NEVER_PROBED) instance.quietUntil = now + QUIET_PERIOD_MS;
}

/**
 * Its link is known not to carry the family: no probe can leave, so this half can neither accuse the member nor excuse it. A mere doubt
 * ends nothing.
 */
function isWithout({ lacks }: Member, family: Family): boolean {
  return (lacks.get(family) ?? "") !== "";
}

function hasFailedByProbes({ state, reason }: Member): boolean {
  return hasFailed(state) && (reason === "probes-lost" || reason === "group-failure");
}

/** Answers from before the address went are no part of ten in a row. Losses are kept: its going and coming ends no failure. */
function setUsable(instance: Instance, usable: boolean, now: number): void {
  if (usable && !instance.usable && instance.history.lostRun() === 0) instance.history.clear(now);
  instance.usable = usable;
}

function setDuplicate(instance: Instance, duplicate: boolean, now: number): void {
  if (instance.duplicate !== duplicate) clearHistory(instance, now);
  instance.duplicate = duplicate;
}

function otherIndexes({ members }: Group, member: Member): number[] {
  return members.flatMap((other) => (other === member || other.link === undefined ? [] : [other.link.index]));
}

/** Monotonic ms from when on it is news that no family of a member can be probed; undefined where that is no news. */
function missingFrom(member: Member): number | undefined {
  const isMissing = instancesOf(member).every((one) => one.testAddress === undefined && one.transitive === undefined);
  return isMissing && !isOffline(member.state) ? member.graceUntil : undefined;
}

/** Each news once. */
function tellTestAddress(group: Group, member: Member, { now, log }: ProbingContext): void {
  const names = { interface: nameOf(member), group: group.configuration.name };
  const told = member.testAddressTold;
  const missing = missingFrom(member);
  const duplicate = instancesOf(member).find((instance) => instance.duplicate)?.testAddress;
  if (duplicate !== undefined) {
    member.testAddressTold = "duplicate";
    if (told !== "duplicate") log({ id: "test-address-duplicate", ...names, address: duplicate.address });
  } else if (instancesOf(member).some(isProbed)) {
    member.testAddressTold = "nothing";
    const found = instancesOf(member).some(({ testAddress }) => testAddress !== undefined);
    if (found && told !== "nothing") log({ id: "test-address-found", ...names, endsDuplicate: told === "duplicate" });
  } else if (missing !== undefined && told !== "missing" && now >= missing) {
    member.testAddressTold = "missing";
    log({ id: "no-test-address", ...names });
  }
}

/** A named target, and by whose link it is known; undefined: by the configuration, so by all. */
interface Candidate {
  readonly address: string;
  readonly kind: WantedTarget["kind"];
  readonly index: number | undefined;
}

function updateTargets(group: Group, family: Family, context: ProbingContext): void {
  const candidates = candidatesOf(group, family, context);
  // A failure may have taken the routes along.
  const groupFailed = !group.anonymous && !group.members.some(isFunctioning);
  for (const { instances } of group.members) dropBadHosts(instances[family], context);
  for (const member of group.members) {
    const instance = member.instances[family];
    if (!isProbed(instance)) continue;
    const wanted = wantedOf(group, member, instance, candidates);
    const keepRoutes = groupFailed || awaitsReturn(member);
    instance.targets.sync(wanted, hostsOfOthers(group, instance), keepRoutes, context.now);
    forgetWithoutTargets(instance, context.now);
  }
}

/** It failed with its group, and is not back yet: without its targets nobody would ever see it return. */
function awaitsReturn({ state, reason }: Member): boolean {
  return hasFailed(state) && reason === "group-failure";
}

/**
 * The address of a host may come to us: from then on it would answer whatever the cables do. And where members are probed from
 * data addresses, a subnet may go with the last of these.
 */
function dropBadHosts(instance: Instance, { picture, now }: ProbingContext): void {
  const bad = instance.targets.hosts.filter(({ address }) => picture.isOwn(address) || !reaches(instance, address));
  for (const host of bad) setAside(instance, host, "dead", now);
}

function wantedOf(
  group: Group,
  member: Member,
  instance: Instance,
  candidates: readonly Candidate[],
): readonly WantedTarget[] {
  const wanted = new Map<string, WantedTarget>();
  for (const { address, kind, index } of candidates) {
    if (group.anonymous && index !== member.link?.index) continue;
    if (wanted.has(address) || !reaches(instance, address)) continue;
    wanted.set(address, { address, kind, dead: isHeldDead(group, instance, address) });
  }
  return [...wanted.values()];
}

/** All others that know it get no answer from it: a member that comes later need not find out by failing. */
function isHeldDead(group: Group, instance: Instance, address: string): boolean {
  const others = group.members
    .map(({ instances }) => instances[instance.family])
    .filter((other) => other !== instance && isProbed(other));
  const known = others.flatMap((other) => other.targets.get(address) ?? []);
  return known.length > 0 && known.every(({ state }) => state === "dead" || state === "slow");
}

/** Everything named that may be a target of somebody, best first; never an address of our own. */
function candidatesOf(group: Group, family: Family, { picture }: ProbingContext): Candidate[] {
  const { targets, routes } = group.configuration;
  const indexes = new Set(group.members.map(({ link }) => link?.index));
  const others = [...picture.otherRoutes.values()].filter((route) => route.gateway !== "" && indexes.has(route.index));
  const candidates: Candidate[] = [
    ...targets.filter((one) => one.family === family).map(({ address }) => candidate("configured", address)),
    ...routes.filter((one) => one.family === family).map(({ to, via }) => candidate(routeKind(to), via)),
    ...others
      .filter((one) => one.family === family)
      .map(({ destination, gateway, index }) => candidate(routeKind(destination), gateway, index)),
  ];
  const foreign = candidates.filter(({ address }) => !picture.isOwn(address));
  return (["configured", "host-route", "router"] as const).flatMap((kind) =>
    foreign.filter((one) => one.kind === kind),
  );
}

/** The addresses of all named targets, best first. */
export function namedNeighbours(group: Group, family: Family, context: ProbingContext): string[] {
  return candidatesOf(group, family, context).map(({ address }) => address);
}

function candidate(kind: Candidate["kind"], address: string, index?: number): Candidate {
  return { kind, address, index };
}

/** The way to a single host is how Solaris is told of a target. */
function routeKind(destination: string): Exclude<TargetKind, "host" | "configured"> {
  return /^[\d.]+\/32$|\/128$/.test(destination) ? "host-route" : "router";
}

/** A member without hosts of its own takes over what others of the group found. */
function hostsOfOthers(group: Group, instance: Instance): string[] {
  if (group.anonymous || instance.targets.hostCount > 0) return [];
  const found = group.members.flatMap(({ instances }) => instances[instance.family].targets.hosts);
  return found.map(({ address }) => address).filter((address) => reaches(instance, address));
}
