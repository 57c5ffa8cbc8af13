/** What a configuration holds, in a few words. Pure. */
import type { Configuration, GroupConfiguration } from "../core/configuration.ts";

/** "2 groups, 5 interfaces, 7 data addresses", for one line. */
export function contentsText({ groups }: Configuration): string {
  const sum = (of: (group: GroupConfiguration) => readonly unknown[]) =>
    groups.reduce((total, group) => total + of(group).length, 0);
  return [
    counted(groups.length, "group"),
    counted(
      sum((group) => group.members),
      "interface",
    ),
    counted(
      sum((group) => group.addresses),
      "data address",
    ),
  ].join(", ");
}

/** One line per group, with whatever it has. */
export function groupText(group: GroupConfiguration): string {
  const standby = group.members.filter((member) => member.standby).length;
  const reserve = standby === 0 ? "" : ` (${standby} standby)`;
  const parts = [
    counted(group.members.length, "interface") + reserve,
    counted(group.addresses.length, "data address"),
    counted(group.routes.length, "route"),
    counted(group.targets.length, "target"),
  ].filter((part) => !part.startsWith("0 "));
  return `${group.name}: ${[...parts, ...judgedBy(group)].join(", ")}`;
}

/** How failures of its interfaces are found: whoever relies on probes should see here that there are none. */
function judgedBy({ members, transitiveProbing }: GroupConfiguration): string[] {
  const count = members.filter((member) => member.testAddresses.length > 0).length;
  const others = transitiveProbing ? "probed without test addresses" : "judged by links only";
  if (count === 0) return [others];
  const probed = `test addresses on ${counted(count, "interface")}`;
  return count === members.length ? [probed] : [probed, `the others ${others}`];
}

function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun}${noun.endsWith("s") ? "es" : "s"}`;
}
