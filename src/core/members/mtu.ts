/**
 * The MTUs of the members, compared: what a peer sends by a path of 9000 bytes is lost, without a word from anybody, once it has to take
 * one of 1500.
 */
import { type Group, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";

/** Says once that they differ, again whenever they differ otherwise, and once that they are equal. It has no other effect. */
export function compareMtus(group: Group, log: (message: Message) => void): void {
  if (group.anonymous) return;
  const present = group.members.flatMap((member) =>
    member.link === undefined ? [] : [{ name: nameOf(member), mtu: member.link.mtu }],
  );
  const [least, ...others] = [...present].sort((a, b) => a.mtu - b.mtu);
  const greatest = others.at(-1);
  const differs = least !== undefined && greatest !== undefined && least.mtu !== greatest.mtu;
  const told = differs ? present.map(({ name, mtu }) => `${name} ${mtu}`).join(", ") : "";
  if (told === group.mtusTold) return;
  const name = group.configuration.name;
  if (differs) log({ id: "mtus-differ", group: name, mtus: told, interface: greatest.name, mtu: least.mtu });
  else log({ id: "mtus-equal", group: name });
  group.mtusTold = told;
}
