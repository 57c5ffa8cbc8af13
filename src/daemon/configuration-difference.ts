/** What a reload changes, in words for the log. */
import type { Configuration, GroupConfiguration } from "../core/configuration.ts";

/** `group a added; groups b, c changed`, or `nothing has changed`. */
export function differenceText(before: Configuration, after: Configuration): string {
  const old = byName(before);
  const current = byName(after);
  const parts = [
    groupsText(
      "added",
      [...current.keys()].filter((name) => !old.has(name)),
    ),
    groupsText(
      "removed",
      [...old.keys()].filter((name) => !current.has(name)),
    ),
    groupsText(
      "changed",
      [...current].filter(([name, group]) => differs(old.get(name), group)).map(([name]) => name),
    ),
    before.trackUngrouped === after.trackUngrouped ? "" : trackingText(after),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing has changed" : parts.join("; ");
}

function byName({ groups }: Configuration): Map<string, GroupConfiguration> {
  return new Map(groups.map((group) => [group.name, group]));
}

/** Both were assembled by the same code, so equal ones are equal as text, too. */
function differs(before: GroupConfiguration | undefined, after: GroupConfiguration): boolean {
  return before !== undefined && JSON.stringify(before) !== JSON.stringify(after);
}

function groupsText(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  return `group${names.length === 1 ? "" : "s"} ${names.join(", ")} ${what}`;
}

function trackingText({ trackUngrouped }: Configuration): string {
  return `interfaces in no group are ${trackUngrouped ? "now" : "no longer"} watched`;
}
