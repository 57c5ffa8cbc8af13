/** Who is active: the rules that keep the number of active members constant. They change `inactive` flags only. */
import { activeMembers, type Group, isFunctioning, type Member, nameOf, wantedActiveCount } from "../group.ts";

/** Why a member starts to function: brand new to the machine, its failure is over, or an administrator brought it back. */
export type Arrival = "new" | "repaired" | "onlined";

/** `member` has just begun to function: is it needed, and is somebody else then no longer needed? */
export function settleArrival(group: Group, member: Member, arrival: Arrival, nextOrder: () => number): void {
  const others = activeMembers(group).filter((other) => other !== member).length;
  const enough = others >= wantedActiveCount(group);
  if (member.configuration.standby ? enough : mustWait(group, arrival, others)) {
    member.inactive = true;
    return;
  }
  activate(member, nextOrder);
}

/** With failback off a repaired member waits until it is needed, except while the group recovers from a total failure. */
function mustWait(group: Group, arrival: Arrival, others: number): boolean {
  if (group.configuration.failback || arrival !== "repaired" || others === 0) return false;
  return !(group.refilling && others < wantedActiveCount(group));
}

/** An active member was lost: one in reserve takes its place, a standby before a parked one, in configured order. */
export function activateAnother(group: Group, nextOrder: () => number): void {
  if (activeMembers(group).length >= wantedActiveCount(group)) return;
  const reserve = group.members.filter((member) => isFunctioning(member) && member.inactive);
  const chosen = reserve.find((member) => member.configuration.standby) ?? reserve[0];
  if (chosen !== undefined) activate(chosen, nextOrder);
}

function activate(member: Member, nextOrder: () => number): void {
  member.inactive = false;
  member.activatedAs = nextOrder();
}

/**
 * Standbys go back to reserve, the latest activated first, while the actives are more than configured. A member that still
 * settles does not count: what it will take over is carried by the standby until then.
 */
export function parkSurplusStandbys(group: Group): void {
  for (;;) {
    const settled = activeMembers(group).filter((member) => member.settlingUntil === undefined);
    const standby = settled.findLast((member) => member.configuration.standby);
    if (standby === undefined || settled.length <= wantedActiveCount(group)) return;
    standby.inactive = true;
  }
}

/** After every change: does the group still recover from a total failure? */
export function updateRefilling(group: Group): void {
  if (!group.members.some(isFunctioning)) group.refilling = true;
  else if (activeMembers(group).length >= wantedActiveCount(group)) group.refilling = false;
}

/**
 * A restarted daemon with failback off keeps the division of labour that it finds: of the functioning members just those
 * in `carried` are active. Where none of them functions, the ordinary rules have decided already; and where nobody at all does,
 * those in `carried` go on carrying the data.
 */
export function adoptActivity(group: Group, carried: ReadonlySet<string>): void {
  const functioning = group.members.filter(isFunctioning);
  if (functioning.length === 0) for (const member of group.members) member.lastResort = carried.has(nameOf(member));
  if (group.configuration.failback || !functioning.some((member) => carried.has(nameOf(member)))) return;
  for (const member of functioning) member.inactive = !carried.has(nameOf(member));
}

/** Of those that were standbys, who is none any more has no reason to wait; standbys that are too many then are parked. */
export function endReserve(group: Group, standbys: ReadonlySet<Member>, nextOrder: () => number): void {
  for (const member of group.members) {
    const released = standbys.has(member) && !member.configuration.standby;
    if (released && isFunctioning(member) && member.inactive) activate(member, nextOrder);
  }
}

/** After a change of configuration: as many active as there should be, as far as the reserve goes. */
export function correctActivity(group: Group, nextOrder: () => number): void {
  for (let before = -1; before !== activeMembers(group).length; ) {
    before = activeMembers(group).length;
    activateAnother(group, nextOrder);
  }
}
