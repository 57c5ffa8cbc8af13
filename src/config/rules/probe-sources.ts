/** What the probes of a group leave from: test addresses, and without these whatever its members have. */
import { type IpPrefix, isLinkLocal6, LINK_LOCAL_6 } from "../addresses.ts";
import type { DraftGroup, DraftMember } from "../draft.ts";
import type { Placed } from "../spot.ts";

type Sources = readonly Placed<IpPrefix>[];

/** The addresses that probes of this family leave from, or by whose subnets they are told whom to ask. */
export function probeSources(group: DraftGroup, family: 4 | 6): Sources {
  const { members = [] } = group;
  return [...members.flatMap((member) => testSources(member, family)), ...transitiveSources(group, family)];
}

/** IPv6 is probed between link-local addresses only. */
function testSources({ testAddresses }: DraftMember, family: 4 | 6): Sources {
  return testAddresses.filter(({ value }) => value.family === family && (family === 4 || isLinkLocal6(value)));
}

/** Data addresses, and for IPv6 the link-local address that every link has; as far as there are members that need it. */
export function transitiveSources({ settings, members = [], addresses }: DraftGroup, family: 4 | 6): Sources {
  if (!settings.transitiveProbing || members.every((member) => testSources(member, family).length > 0)) return [];
  const data = addresses.filter(({ value }) => value.family === family);
  if (family === 4) return data.filter(({ value }) => value.prefixLength < 32);
  return data.slice(0, 1).map(({ offset }) => ({ value: LINK_LOCAL_6, offset }));
}

/** What could be done where members are not probed by these families, as the end of a warning. */
export function remedyOf(group: DraftGroup, families: readonly (4 | 6)[]): string {
  const changed = { ...group, settings: { ...group.settings, transitiveProbing: true } };
  const helps = !group.settings.transitiveProbing && families.some((it) => transitiveSources(changed, it).length > 0);
  return `; add test addresses${helps ? ", or `transitive-probing: true`" : ""}`;
}
