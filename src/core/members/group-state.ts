/** The group's own lines: entering failed always has one, leaving it only where entering had, so that a start is silent. */
import { type Group, groupState, isFunctioning, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { hasFailed } from "./interface-state.ts";

export function reportGroupState(group: Group, log: (message: Message) => void): void {
  const name = group.configuration.name;
  const failed = groupState(group) === "failed";
  const usable = group.members.find(isFunctioning);
  if (failed && !group.failureLogged) log({ id: "group-failed", group: name });
  if (usable !== undefined && group.failureLogged) log({ id: "group-usable", group: name, interface: nameOf(usable) });
  group.failureLogged = failed;
}

/** After a restart: a failure that the daemon before has told is not told again. */
export function adoptFailure(group: Group): void {
  const restored = group.members.some(({ state, history }) => hasFailed(state) && history.length === 0);
  if (restored) group.failureLogged = groupState(group) === "failed";
}
