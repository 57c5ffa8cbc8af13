/** Applies the placement rules to a group and tells what moved. */
import { carryingMembers, type Group, nameOf } from "./group.ts";
import type { Message } from "./messages.ts";
import { place } from "./placement.ts";

/** Returns whether anything is hosted elsewhere than before. One message per pair of members, not one per address. */
export function rehost(group: Group, log: (message: Message) => void): boolean {
  const before = group.hosting;
  group.hosting = place(group.configuration.addresses, carryingMembers(group).map(nameOf), before);
  const moves = new Map<string, { from: string | undefined; to: string; addresses: string[] }>();
  for (const [address, to] of group.hosting) {
    const from = before.get(address);
    if (from === to) continue;
    const key = `${from} ${to}`;
    const move = moves.get(key) ?? { from, to, addresses: [] };
    move.addresses.push(address);
    moves.set(key, move);
  }
  for (const { from, to, addresses } of moves.values()) {
    if (from !== undefined) log({ id: "addresses-moved", group: group.configuration.name, from, to, addresses });
  }
  return moves.size > 0;
}
