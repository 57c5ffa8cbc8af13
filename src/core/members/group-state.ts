/** The group's own lines: entering failed always has one, leaving it only where entering had, so that a start is silent. */
import { type Group, groupState, isFunctioning, nameOf } from "../group.ts";
import { functions, hasFailed, isOffline } from "./interface-state.ts";
import type { MembershipContext } from "./states.ts";

export function reportGroupState(group: Group, { log, now }: Pick<MembershipContext, "log" | "now">): void {
  const name = group.configuration.name;
  const failed = groupState(group) === "failed";
  const usable = group.members.find(isFunctioning);
  if (usable !== undefined) group.hasWorked = true;
  if (failed && isStarting(group, { now })) return;
  if (failed && !group.failureLogged) log({ id: "group-failed", group: name });
  if (usable !== undefined && group.failureLogged) log({ id: "group-usable", group: name, interface: nameOf(usable) });
  group.failureLogged = failed;
}

/** Nobody has worked yet, and somebody is about to: the group has not failed, it is not there yet. */
export function isStarting({ hasWorked, members }: Group, { now }: Pick<MembershipContext, "now">): boolean {
  return !hasWorked && members.some(({ state, startingUntil = now }) => state === "starting" && now < startingUntil);
}

/**
 * After a restart: a failure that the daemon before has told is not told again. What it knew of is in the members' states from the
 * beginning; a failure that it did not live to see begins with a member that functions.
 */
export function adoptFailure(group: Group): void {
  const isKnown = group.members.some(({ state }) => hasFailed(state) || isOffline(state));
  const isNews = group.members.some(({ history }) => history.some(({ from }) => functions(from)));
  if (isKnown && !isNews) group.failureLogged = groupState(group) === "failed";
}
