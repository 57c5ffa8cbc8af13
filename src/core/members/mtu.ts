/**
 * The MTUs of the members, compared: what a peer sends by a path of 9000 bytes is lost, without a word from anybody, once it has to take
 * one of 1500.
 */
import { type Group, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { LEAST_MTU } from "./families.ts";

interface Present {
  readonly name: string;
  readonly mtu: number;
}

/** Says once that they differ, again whenever they differ otherwise, and once that they are equal. It has no other effect. */
export function compareMtus(group: Group, log: (message: Message) => void): void {
  if (group.anonymous) return;
  const present = group.members.flatMap((member): Present[] =>
    member.link === undefined ? [] : [{ name: nameOf(member), mtu: member.link.mtu }],
  );
  const inOrder = [...present].sort((a, b) => a.mtu - b.mtu);
  const [least, greatest] = [inOrder[0], inOrder.at(-1)];
  const differs = least !== undefined && greatest !== undefined && least.mtu !== greatest.mtu;
  const told = differs ? present.map(({ name, mtu }) => `${name} ${mtu}`).join(", ") : "";
  if (told === group.mtusTold) return;
  const name = group.configuration.name;
  if (!differs) log({ id: "mtus-equal", group: name });
  else log({ id: "mtus-differ", group: name, mtus: told, ...remedyFor(least, greatest, inOrder) });
  group.mtusTold = told;
}

/** All are to have the least MTU; but nobody is lowered below what IPv6 needs: there the small one is to be raised. */
function remedyFor(
  least: Present,
  greatest: Present,
  inOrder: readonly Present[],
): { readonly interface: string; readonly mtu: number } {
  const fit = inOrder.find(({ mtu }) => mtu >= LEAST_MTU[6]);
  if (fit === undefined || fit === least) return { interface: greatest.name, mtu: least.mtu };
  return { interface: least.name, mtu: fit.mtu };
}
