/** A group at run time: its members, their states, and who carries data. */
import type { Family, GroupConfiguration, MemberConfiguration } from "./configuration.ts";
import type { Link } from "./kernel-state/kernel-objects.ts";
import type { MemberState } from "./members/interface-state.ts";
import type { GroupState } from "./snapshot.ts";

export interface Member {
  readonly configuration: MemberConfiguration;
  state: MemberState;
  /** Functioning but held in reserve: carries no data. Never true unless `state` is running. */
  inactive: boolean;
  /** The kernel's link, while there is one. */
  link: Link | undefined;
  /** Order of activation: the list of active members is oldest first. */
  activatedAs: number;
  /**
   * Monotonic ms until which IPv6 through this member would stall, because its link-local address is in duplicate address
   * detection after the link came up; undefined when it is ready. A limit, not a wait: the address notice ends it sooner.
   */
  settlingUntil: number | undefined;
  /** Never prepared by us, and found administratively down: to be brought up once. Later it is the administrator's affair. */
  toBeRaised: boolean;
  /** Monotonic ms since when IPv6 is wanted and the link has no usable link-local address; undefined while it has. */
  lackingSince: number | undefined;
  /**
   * The kernel has given the link no link-local address, and without one it solicits no IPv6 neighbour through it: this is to
   * be put there, or "".
   */
  linkLocal: string;
  /** Families of which the kernel refuses addresses on this link, and until when (monotonic ms) it is not asked again. */
  barred: Map<Family, number>;
}

export interface Group {
  configuration: GroupConfiguration;
  members: Member[];
  /** Where each data address is hosted: address text -> member name. The map keeps the order of the configuration. */
  hosting: Map<string, string>;
  /** Copies left behind on members that still function, by address: see `hosting.ts`. */
  retiring: Map<string, RetiringCopy>;
  /** The "unusable" line was logged, so the "usable" line is due. */
  failureLogged: boolean;
  /**
   * The whole group had failed and is still below strength: repaired members become active even with failback off, up to
   * the configured number (the original parked all but the first for good).
   */
  refilling: boolean;
}

/** The copy of an address on the member that hosted it before. */
export interface RetiringCopy {
  readonly member: string;
  /** Monotonic ms of its end; undefined until the move has been announced. */
  readonly until: number | undefined;
}

export function newMember(configuration: MemberConfiguration): Member {
  return {
    configuration,
    state: "absent",
    inactive: false,
    link: undefined,
    activatedAs: 0,
    settlingUntil: undefined,
    toBeRaised: false,
    lackingSince: undefined,
    linkLocal: "",
    barred: new Map(),
  };
}

export function newGroup(configuration: GroupConfiguration): Group {
  return {
    configuration,
    members: configuration.members.map(newMember),
    hosting: new Map(),
    retiring: new Map(),
    failureLogged: false,
    refilling: false,
  };
}

/** A copy that can be changed without the original noticing: for "what if" questions. */
export function cloneGroup(group: Group): Group {
  return {
    ...group,
    members: group.members.map((member) => ({ ...member, barred: new Map(member.barred) })),
    hosting: new Map(group.hosting),
    retiring: new Map(group.retiring),
  };
}

export function nameOf(member: Member): string {
  return member.configuration.name;
}

export function isFunctioning(member: Member): boolean {
  return member.state === "running";
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
 * The active members that data is entrusted to now. A settling one waits, since IPv6 through it would stall, unless nobody
 * else is there: then anything is better than nothing.
 */
export function carryingMembers(group: Group): Member[] {
  const active = activeMembers(group);
  const settled = active.filter((member) => member.settlingUntil === undefined);
  return settled.length > 0 ? settled : active;
}

/** May `name` be given addresses of this family? */
export function mayHost(group: Group, name: string, family: Family): boolean {
  return !group.members.some((member) => nameOf(member) === name && member.barred.has(family));
}

export function groupState(group: Group): GroupState {
  const functioning = group.members.filter(isFunctioning).length;
  if (functioning === 0) return "failed";
  return functioning === group.members.length ? "ok" : "degraded";
}
