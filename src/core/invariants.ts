/** What is always true between two steps. A violation is our bug, never the world's: it throws, in production too. */
import type { DataAddressConfiguration } from "./configuration.ts";
import { activeMembers, carryingMembers, type Group, isFunctioning, nameOf } from "./group.ts";

interface Invariant {
  readonly name: string;
  readonly holds: (group: Group) => boolean;
}

const INVARIANTS: readonly Invariant[] = [
  {
    name: "only a functioning member is inactive",
    holds: (group) => group.members.every((member) => !member.inactive || isFunctioning(member)),
  },
  {
    name: "a functioning member has a link",
    holds: (group) => group.members.every((member) => !isFunctioning(member) || member.link !== undefined),
  },
  {
    name: "a member that starts has a link, and a time until which it may",
    holds: (group) =>
      group.members.every(
        ({ state, link, startingUntil }) => state !== "starting" || (link !== undefined && startingUntil !== undefined),
      ),
  },
  {
    name: "somebody is active while somebody functions",
    holds: (group) => !group.members.some(isFunctioning) || activeMembers(group).length > 0,
  },
  {
    name: "every data address is hosted while somebody carries its family, and only by who does",
    holds: (group) => {
      const { hosting, configuration } = group;
      const isRight = ({ family, address }: DataAddressConfiguration) => {
        const carrying = carryingMembers(group, family).map(nameOf);
        return carrying.length === 0 ? !hosting.has(address) : carrying.includes(hosting.get(address) ?? "");
      };
      return configuration.addresses.every(isRight) && hosting.size <= configuration.addresses.length;
    },
  },
];

/** @throws {Error} naming the group and the invariant that does not hold. */
export function assertInvariants(group: Group): void {
  for (const { name, holds } of INVARIANTS) {
    if (!holds(group)) throw new Error(`assertion failed in group ${group.configuration.name}: ${name}`);
  }
}
