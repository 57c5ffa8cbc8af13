/**
 * What is true of the simulated network, whatever the machine believes: which NICs work, since when nothing has been wrong with
 * them, and so what state each member has to come to.
 */
import type { AddressPrefix, Family, GroupConfiguration, MemberConfiguration } from "../../src/core/configuration.ts";
import { addressPrefix } from "../support/simulated-configuration.ts";
import type { SimulatedKernel } from "../support/simulated-kernel.ts";
import type { SegmentHost, SimulatedSegment } from "../support/simulated-segment.ts";

/** `either`: nobody can tell, since what would tell is not known to it. */
export type Expectation = "functioning" | "failed" | "offline" | "either";

/** Slower answers than this may be taken for none. */
const QUICK_MS = 10;
/** A router that was given up is looked at again so much later. */
const ROUTER_FORGIVEN_MS = 200_000;

export class Truth {
  /** Members that an administrator took out of service, and was told so. */
  readonly offline = new Set<string>();
  /** When something about a NIC or a host last changed. */
  private readonly touchedAtMs = new Map<string, number>();
  private allTouchedAtMs = 0;
  private readonly kernel: SimulatedKernel;
  private readonly segment: SimulatedSegment;

  constructor(kernel: SimulatedKernel, segment: SimulatedSegment) {
    this.kernel = kernel;
    this.segment = segment;
  }

  /** An administrator has been told that it is done. */
  administered(op: "offline" | "online", name: string): void {
    this.touch(name);
    if (op === "offline") this.offline.add(name);
    else this.offline.delete(name);
  }

  /** Something about this NIC or host has changed. */
  touch(name: string): void {
    this.touchedAtMs.set(name, this.kernel.nowMs);
  }

  touchAll(): void {
    this.allTouchedAtMs = this.kernel.nowMs;
  }

  /** Until then nothing is found out: what happened within the last `windowMs` may show as late as that. */
  delay(untilMs: number, windowMs: number): void {
    const fresh = this.kernel.nowMs - windowMs;
    for (const [name, atMs] of this.touchedAtMs) if (atMs > fresh) this.touchedAtMs.set(name, untilMs);
    if (this.allTouchedAtMs > fresh) this.allTouchedAtMs = untilMs;
  }

  /** Bits go out, as far as the NIC itself can tell. */
  isLive(name: string): boolean {
    const link = this.kernel.link(name);
    return link?.adminUp === true && link.running;
  }

  /** Nothing has been wrong for so long: not with the link, not with the path, and one target at least was there all the time. */
  isUntroubled(group: GroupConfiguration, member: MemberConfiguration, windowMs: number): boolean {
    if (!this.isLive(member.name) || !this.hasPath(member.name) || !this.isOld(member.name, windowMs)) return false;
    const verdicts = this.carriedProbes(group, member).map((family) =>
      this.hasSteadyTarget(group, member, family, windowMs),
    );
    return group.failOn === "any-family" ? verdicts.every(Boolean) : verdicts.length === 0 || verdicts.some(Boolean);
  }

  /** What this member must have come to once everything has had its time. */
  expected(group: GroupConfiguration, member: MemberConfiguration): Expectation {
    if (this.offline.has(member.name)) return "offline";
    if (!this.isLive(member.name)) return "failed";
    const carried = this.carriedProbes(group, member);
    // A failure by the probes of a family that is gone stays, as long as no others tell of the path.
    if (carried.length < probedFamilies(group, member).length && (carried.length === 0 || !this.hasPath(member.name)))
      return "either";
    if (carried.length === 0 || this.hasPath(member.name)) return "functioning";
    return this.knowsTarget(group, member) ? "failed" : "either";
  }

  /** It is probed, and its way to the targets is good, if there are any. */
  mayBeAnswered(group: GroupConfiguration, member: MemberConfiguration): boolean {
    const isOnItsWay = this.isLive(member.name) && this.hasPath(member.name) && !this.mayBeOffline(member.name);
    return isOnItsWay && this.carriedProbes(group, member).length > 0;
  }

  /** It is probed, and nobody in the group can find anybody whom it could ask. */
  lacksTargets(group: GroupConfiguration, member: MemberConfiguration): boolean {
    return this.carriedProbes(group, member).length > 0 && !this.knowsTarget(group, member);
  }

  /** Does the link have this family at all? */
  carries(name: string, family: Family): boolean {
    return family === 4 || this.kernel.ipv6Refusal(this.kernel.link(name)?.index ?? 0) === undefined;
  }

  /** The families that it is to be probed by, without those that its link does not have. */
  private carriedProbes(group: GroupConfiguration, member: MemberConfiguration): Family[] {
    return probedFamilies(group, member).filter((family) => this.carries(member.name, family));
  }

  /** Out of service, or another link has its hardware address: then its link alone is watched. */
  mayBeOffline(name: string): boolean {
    const address = this.kernel.link(name)?.hardwareAddress;
    return this.offline.has(name) || this.kernel.links.filter((link) => link.hardwareAddress === address).length > 1;
  }

  /** Its path has been dead, and nothing was done to it, for so long. */
  isCutOffFor(name: string, windowMs: number): boolean {
    return this.kernel.link(name) !== undefined && !this.hasPath(name) && this.isOld(name, windowMs);
  }

  hasPath(name: string): boolean {
    return this.segment.pathOf(this.kernel.link(name)?.index ?? 0) === "alive";
  }

  private isOld(name: string, windowMs: number): boolean {
    const touched = Math.max(this.allTouchedAtMs, this.touchedAtMs.get(name) ?? 0);
    return touched <= this.kernel.nowMs - windowMs;
  }

  private hasSteadyTarget(
    group: GroupConfiguration,
    member: MemberConfiguration,
    family: Family,
    windowMs: number,
  ): boolean {
    const near = this.nearHosts(group, member, family);
    const fixed = near.filter(({ address }) => isFixedTarget(group, address));
    const candidates = fixed.length > 0 ? fixed : near.filter((host) => host.answersMulticast);
    return candidates.some(
      ({ address, alive, answersEcho, delayMs, loss, limitPerSecond }) =>
        alive &&
        answersEcho &&
        loss === 0 &&
        limitPerSecond === 0 &&
        delayMs <= QUICK_MS &&
        this.isOld(address, fixed.length > 0 ? ROUTER_FORGIVEN_MS : windowMs),
    );
  }

  /** By its configuration, or from another member that can ask all hosts. */
  private knowsTarget(group: GroupConfiguration, member: MemberConfiguration): boolean {
    return this.carriedProbes(group, member).some((family) => {
      if (family === 6 && !this.canAskAll(group, member, family)) return false;
      const near = this.nearHosts(group, member, family);
      if (near.some(({ address }) => isFixedTarget(group, address))) return true;
      return group.members.some(
        (other) =>
          !this.mayBeOffline(other.name) &&
          this.isLive(other.name) &&
          this.hasPath(other.name) &&
          this.canAskAll(group, other, family) &&
          this.nearHosts(group, other, family).some((host) => host.answersMulticast && near.includes(host)),
      );
    });
  }

  /** It has an address to send echo requests from: its own, or without that one of the group's, or its link-local one. */
  private canAskAll(group: GroupConfiguration, member: MemberConfiguration, family: Family): boolean {
    if (!this.carries(member.name, family)) return false;
    if (testAddressOf(member, family) !== undefined) return true;
    if (!probedFamilies(group, member).includes(family)) return false;
    const held = this.kernel.addresses.on(this.kernel.link(member.name)?.index ?? 0);
    const isData = (text: string) => group.addresses.some(({ address }) => address === text);
    return held.some((one) => one.family === family && (family === 4 ? isData(one.address) : one.scope === "link"));
  }

  private nearHosts(group: GroupConfiguration, member: MemberConfiguration, family: Family): SegmentHost[] {
    const sources = sourcesOf(group, member, family);
    return this.segment.all.filter(
      (host) =>
        host.family === family &&
        sources.some(({ prefixLength, subnet }) => addressPrefix(`${host.address}/${prefixLength}`).subnet === subnet),
    );
  }
}

/** The test address of a member, or those of the group that it may be probed from without one. */
function sourcesOf(group: GroupConfiguration, member: MemberConfiguration, family: Family): AddressPrefix[] {
  const test = testAddressOf(member, family);
  if (test !== undefined) return [test];
  const data = group.transitiveProbing ? group.addresses.filter((address) => address.family === family) : [];
  return family === 4 ? data : data.slice(0, 1).map(() => addressPrefix("fe80::1/64"));
}

/** The subnets that this member is probed in, as a text: whoever is probed in the same ones has the same targets. */
export function probedSubnets(group: GroupConfiguration, member: MemberConfiguration): string {
  const sources = ([4, 6] as const).flatMap((family) => sourcesOf(group, member, family));
  return [...new Set(sources.map(({ subnet }) => subnet))].sort().join(" ");
}

function testAddressOf({ testAddresses }: MemberConfiguration, family: Family): AddressPrefix | undefined {
  return testAddresses.find((one) => one.family === family && (family === 4 || one.address.startsWith("fe80:")));
}

/** Those of its test addresses (IPv6 is probed from link-local ones only); without these those of the group's data, if it may be. */
export function probedFamilies(group: GroupConfiguration, member: MemberConfiguration): Family[] {
  const ofData = new Set(group.transitiveProbing ? group.addresses.map(({ family }) => family) : []);
  return ([4, 6] as const).filter((family) => testAddressOf(member, family) !== undefined || ofData.has(family));
}

function isFixedTarget({ targets, routes }: GroupConfiguration, address: string): boolean {
  return targets.some((target) => target.address === address) || routes.some((route) => route.via === address);
}
