/**
 * A target that answers a member only what is sent to all: the kernel's table of neighbours has a wrong hardware address for it there, as
 * when somebody forges entries. Probes go past that table, data does not.
 */
import type { Group, Member } from "../group.ts";
import type { ProbingContext } from "./context.ts";
import type { Instance } from "./instance.ts";
import { namesOf } from "./pacing.ts";
import type { Target } from "./targets.ts";

/** Told once when it begins and once when it is over. */
export function followAstray(
  group: Group,
  member: Member,
  instance: Instance,
  target: Target,
  isAstray: boolean,
  { log }: ProbingContext,
): void {
  if (target.isAstray === isAstray) return;
  target.isAstray = isAstray;
  const id = isAstray ? "target-astray" : "target-direct";
  log({ id, ...namesOf(group, member, instance), target: target.address });
}
