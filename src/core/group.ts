/** A group at run time: its members, their states, and who carries data. */
import type { ProbePlan } from "./actions.ts";
import type { Family, GroupConfiguration, MemberConfiguration } from "./configuration.ts";
import type { Link } from "./kernel-state/kernel-objects.ts";
import { addressKey, type Picture } from "./kernel-state/picture.ts";
import { type FlapRecord, newFlapRecord } from "./members/flapping.ts";
import { functions, hasFailed, isOffline, type MemberState } from "./members/interface-state.ts";
import { isUp } from "./members/links.ts";
import type { MemberMemory, StateReason } from "./memory.ts";
import { AnswerLimit } from "./probing/answer-limit.ts";
import { DetectionTime } from "./probing/detection-time.ts";
import { type Instance, newInstance } from "./probing/instance.ts";
import type { Target } from "./probing/targets.ts";
import type { GroupState } from "./snapshot.ts";

export interface Member {
  configuration: MemberConfiguration;
  state: MemberState;
  /** Why it is in that state. */
  reason: StateReason;
  /** Why it failed last: whom its link has failed its link repairs, where there is nobody to probe. */
  failedFor: StateReason;
  /** Monotonic ms since when it is in that state. */
  since: number;
  /** The latest transitions, oldest first. */
  history: Transition[];
  /** Functioning but held in reserve: carries no data. Never true of a member that does not function. */
  inactive: boolean;
  /** It was active when the whole group failed: while nobody functions and its link is up it goes on carrying the data. */
  lastResort: boolean;
  /** The kernel's link, while there is one. */
  link: Link | undefined;
  /** The latched state of the link: its changes are told once each. True until the link is seen down. */
  linkUp: boolean;
  /**
   * Monotonic ms since when its link is up; undefined while it is down, of one that was up already when it was first seen, and once a
   * neighbour has answered there while it waited.
   */
  upSince: number | undefined;
  /** How it asks neighbours whether its switch port forwards, while it waits for that: see `probing/port-proof.ts`. */
  enquiries: readonly ProbePlan[];
  /** Order of activation: the list of active members is oldest first. */
  activatedAs: number;
  /** Order in which this link came with this hardware address: of two equal ones the later one gives way. */
  addressedAs: number;
  /**
   * Monotonic ms until which IPv6 through this member would stall, because its link-local address is in duplicate address
   * detection after the link came up; undefined when it is ready. A limit, not a wait: the address notice ends it sooner.
   */
  settlingUntil: number | undefined;
  /** Monotonic ms until which its link, which we set up, need not be up; undefined where it is judged by its link. */
  startingUntil: number | undefined;
  /** Never prepared by us, and found administratively down: to be brought up once. Later it is the administrator's affair. */
  toBeRaised: boolean;
  /** Monotonic ms since when IPv6 is wanted and the link has no usable link-local address; undefined while it has. */
  lackingSince: number | undefined;
  /** Monotonic ms when it is to be found out whether the kernel has given it none; undefined where that is under way. */
  linkLocalDueAt: number | undefined;
  /**
   * The kernel has given the link no link-local address, and without one it solicits no IPv6 neighbour through it: this is to
   * be put there, or "".
   */
  linkLocal: string;
  /** Its own one, which never comes out of duplicate address detection, since somebody else on the link has it; or "". */
  duplicateLinkLocal: string;
  /** Families that its link can not carry at all, and why, in words. */
  lacks: ReadonlyMap<Family, string>;
  /** Families of which the kernel refuses what is asked for on this link, and until when (monotonic ms) it is not asked again. */
  barred: Map<Family, number>;
  /** Families of which something was refused, with the kernel's words, and nothing was granted since. */
  refused: Map<Family, string>;
  /** Link-ups and repairs of late, and whether the next repair has to wait. */
  flaps: FlapRecord;
  /** The IPv4 and the IPv6 half, each probed by itself. */
  readonly instances: Readonly<Record<Family, Instance>>;
  /** Monotonic ms of the end of the grace in which a missing test address is no news; undefined before the member is there. */
  graceUntil: number | undefined;
  /** What was last said about its test address, so that it is said once. */
  testAddressTold: "nothing" | "missing" | "duplicate";
  /** What a daemon before this one knew of its failure; taken up when the link is first seen. */
  remembered: MemberMemory | undefined;
  /** Families that were reported missing on this member while others of the group have them. */
  missingFamilies: ReadonlySet<Family>;
  /** It has been said that ARP is switched off on its link. */
  toldWithoutArp: boolean;
  /** It was said that there is no such interface, so that its coming is said, too. */
  absenceTold: boolean;
}

export interface Transition {
  /** Monotonic ms. */
  readonly at: number;
  readonly from: MemberState;
  readonly to: MemberState;
  readonly reason: StateReason;
}

export interface Group {
  configuration: GroupConfiguration;
  /** Interfaces that are in no group, watched for reports only: each is on its own, and nothing is ever done to them. */
  readonly anonymous: boolean;
  members: Member[];
  /** Where each data address is hosted: address text -> member name. The map keeps the order of the configuration. */
  hosting: Map<string, string>;
  /** Copies left behind on members that still function, by address: see `hosting.ts`. */
  retiring: Map<string, RetiringCopy>;
  /** Somebody has functioned since this group is there: from then on it is news when nobody does. */
  hasWorked: boolean;
  /** The "unusable" line was logged, so the "usable" line is due. */
  failureLogged: boolean;
  /**
   * The whole group had failed and is still below strength: repaired members become active even with failback off, up to
   * the configured number (the original parked all but the first for good).
   */
  refilling: boolean;
  /** The failure detection time in force. */
  readonly detection: DetectionTime;
  /** No target answers anybody: hosts are asked until then (monotonic ms) before the group is judged. */
  opinionUntil: number | undefined;
  /** Named targets of which it was said that they do not answer, as those have them whom they do not answer. */
  readonly silentTargets: Map<string, Set<Target>>;
  /** It was said that hosts are asked, and not yet that anybody is answered again. */
  opinionTold: boolean;
  /** What is known of targets that answer only so often. */
  limit: AnswerLimit;
  /** Routes of strangers that lead traffic past the group, by their text: see `bypasses.ts`. */
  bypasses: ReadonlySet<string>;
  /** Keys of settings that are not in force on the members, since the value of all links outweighs theirs. */
  outweighed: ReadonlySet<string>;
  /** What was last said of MTUs that differ, or "". */
  mtusTold: string;
  /** What is not as it has to be, besides members that are unusable: see `impairments.ts`. */
  impairments: Impairments;
}

/** Why a group is not ok though its members are. */
export interface Impairments {
  /** In words. */
  readonly reasons: readonly string[];
  /** Families whose data addresses have no path at all. */
  readonly cutOff: readonly Family[];
  /** Data addresses of which the kernel refuses what there has to be. */
  readonly refused: ReadonlySet<string>;
}

/** The copy of an address on the member that hosted it before. */
export interface RetiringCopy {
  readonly member: string;
  /** Monotonic ms of its end; undefined until the move has been announced. */
  readonly until: number | undefined;
}

export function newMember(configuration: MemberConfiguration, now: number): Member {
  return {
    configuration,
    state: "absent",
    reason: "absent",
    failedFor: "link-down",
    since: now,
    history: [],
    inactive: false,
    lastResort: false,
    link: undefined,
    linkUp: true,
    upSince: undefined,
    enquiries: [],
    activatedAs: 0,
    addressedAs: 0,
    settlingUntil: undefined,
    startingUntil: undefined,
    toBeRaised: false,
    lackingSince: undefined,
    linkLocalDueAt: undefined,
    linkLocal: "",
    duplicateLinkLocal: "",
    lacks: new Map(),
    barred: new Map(),
    refused: new Map(),
    flaps: newFlapRecord(),
    instances: { 4: newInstance(4), 6: newInstance(6) },
    graceUntil: undefined,
    testAddressTold: "nothing",
    remembered: undefined,
    missingFamilies: new Set(),
    toldWithoutArp: false,
    absenceTold: false,
  };
}

export function newGroup(configuration: GroupConfiguration, now: number, anonymous = false): Group {
  return {
    configuration,
    anonymous,
    members: configuration.members.map((member) => newMember(member, now)),
    hosting: new Map(),
    retiring: new Map(),
    hasWorked: false,
    failureLogged: false,
    refilling: false,
    detection: new DetectionTime(configuration.failureDetectionTimeMs, configuration.failureDetectionTimeCapMs),
    opinionUntil: undefined,
    opinionTold: false,
    silentTargets: new Map(),
    limit: new AnswerLimit(),
    bypasses: new Set(),
    outweighed: new Set(),
    mtusTold: "",
    impairments: { reasons: [], cutOff: [], refused: new Set() },
  };
}

/** A copy in which members can fail without the original noticing: for "what if" questions. What probes found is shared. */
export function cloneGroup(group: Group): Group {
  return {
    ...group,
    members: group.members.map((member) => ({ ...member })),
    hosting: new Map(group.hosting),
    retiring: new Map(group.retiring),
  };
}

export function nameOf(member: Member): string {
  return member.configuration.name;
}

export function isFunctioning(member: Member): boolean {
  return functions(member.state);
}

/** Its link is up, and it is held down until its switch port can be trusted: see `members/late-ports.ts`. */
export function awaitsPort({ reason }: Pick<Member, "reason">): boolean {
  return reason === "link-up-delay";
}

/** Its link is there and up. */
export function hasLinkUp({ link }: Pick<Member, "link">): boolean {
  return link !== undefined && isUp(link);
}

/** The families that the group uses on its members, for data or for probes; IPv4 where it uses none. */
export function familiesOf({ configuration }: Group): Family[] {
  const { addresses, members } = configuration;
  const used = [...addresses, ...members.flatMap(({ testAddresses }) => testAddresses)].map(({ family }) => family);
  return used.length === 0 ? [4] : ([4, 6] as const).filter((family) => used.includes(family));
}

/** Functioning and not held in reserve. */
export function isActive(member: Member): boolean {
  return isFunctioning(member) && !member.inactive;
}

/** The active members, longest active first. */
export function activeMembers(group: Group): Member[] {
  return group.members.filter(isActive).sort((a, b) => a.activatedAs - b.activatedAs);
}

/** How many members ought to be active: those configured without standby, whatever their state; at least one. */
export function wantedActiveCount(group: Group): number {
  return Math.max(1, group.members.filter((member) => !member.configuration.standby).length);
}

/**
 * The members that data of this family is entrusted to now, longest active first: the active ones that can carry it. One that settles
 * waits, since IPv6 through it would stall (and with IPv4, while somebody stands in for it, so that flows are moved once); and so does
 * one of which the kernel refuses the family, or whose neighbours can not be asked. Where there is nobody else, anything is better than
 * nothing, be it held in reserve.
 */
export function carryingMembers(group: Group, family: Family): Member[] {
  const capable = group.members.filter(({ lacks }) => !lacks.has(family));
  const willing = capable.filter((member) => isWilling(member, family));
  const waits = family === 6 || activeMembers(group).length > wantedActiveCount(group);
  const choices = [willing, capable].flatMap((members) => {
    const functioning = byActivation(members.filter(isFunctioning));
    const active = functioning.filter(isActive);
    const settled = active.filter(({ settlingUntil }) => !waits || settlingUntil === undefined);
    return [settled, active, functioning, lastResorts(members)];
  });
  return choices.find(({ length }) => length > 0) ?? [];
}

/** Nothing stands in the way of this family, of what may pass or does not hold for all. */
export function isWilling({ barred, duplicateLinkLocal }: Member, family: Family): boolean {
  return !barred.has(family) && (family === 4 || duplicateLinkLocal === "");
}

/** The member that a data address is hosted by, where the kernel has it there. */
export function carrierOf({ hosting, members }: Group, address: string, picture: Picture): Member | undefined {
  const host = members.find((member) => nameOf(member) === hosting.get(address));
  const key = (index: number) => addressKey(index, address, address.includes(":") ? 128 : 32);
  return host?.link !== undefined && picture.addresses.has(key(host.link.index)) ? host : undefined;
}

/** Those that data of either family is entrusted to. */
export function entrustedMembers(group: Group): Member[] {
  return [...new Set([...carryingMembers(group, 4), ...carryingMembers(group, 6)])];
}

function byActivation(members: readonly Member[]): Member[] {
  return [...members].sort((a, b) => a.activatedAs - b.activatedAs);
}

/**
 * Nobody functions. What was judged bad while its link is up may still work: the targets may have died, not the way to them.
 * So nothing moves; and where those that carried the data have lost their links, others that have theirs are tried: before all the
 * one that has waited longest for its switch port, since that is believed next.
 */
function lastResorts(members: readonly Member[]): Member[] {
  const possible = byActivation(
    members.filter((member) => hasFailed(member.state) && !isOffline(member.state) && hasLinkUp(member)),
  );
  const carried = possible.filter((member) => member.lastResort);
  if (carried.length > 0) return carried;
  const waiting = possible.filter(awaitsPort).sort((a, b) => Number(a.upSince) - Number(b.upSince));
  return waiting.length > 0 ? waiting.slice(0, 1) : possible;
}

/** By its members alone. The anonymous group is always ok. */
export function groupState(group: Group): GroupState {
  if (group.anonymous) return "ok";
  const functioning = group.members.filter(isFunctioning).length;
  if (functioning === 0) return "failed";
  return functioning === group.members.length ? "ok" : "degraded";
}

/** As people are shown it: what a group needs of the kernel counts as well. */
export function shownState(group: Group): GroupState {
  const state = groupState(group);
  const { reasons, cutOff } = group.impairments;
  if (state === "failed" || cutOff.length > 0) return "failed";
  return reasons.length > 0 ? "degraded" : state;
}
