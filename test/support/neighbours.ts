/** What the router knows of the hardware addresses behind the data addresses. */
import type { Laboratory } from "./laboratory.ts";
import { DATA } from "./standard-group.ts";

/** The hardware address of each data address, in their order; undefined where the router knows none. */
export async function routersNeighbours(laboratory: Laboratory): Promise<Record<string, string | undefined>> {
  const entries = await laboratory.ipJson<{ dst: string; lladdr?: string }>("router", "neigh", "show", "dev", "lan");
  const known = new Map(entries.map(({ dst, lladdr }) => [dst, lladdr]));
  return Object.fromEntries(Object.values(DATA).map((address) => [address, known.get(address)]));
}

/** The same where all of them are behind this one. */
export function allBehind(hardwareAddress: string): Record<string, string> {
  return Object.fromEntries(Object.values(DATA).map((address) => [address, hardwareAddress]));
}
