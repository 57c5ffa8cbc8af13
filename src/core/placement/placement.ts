/**
 * Which member hosts which data address. Fewest moves: an address stays where it is while that member carries data; a
 * homeless one goes to the least loaded member; and only then is the load levelled, to a difference of one.
 * IPv4 and IPv6 are balanced independently. Pure: same input, same answer.
 */
import type { DataAddressConfiguration, Family } from "../configuration.ts";

/**
 * @param addresses data addresses of the group, in configured order
 * @param carrying names of the members that carry data of a family, longest active first
 * @param present where each address is now; what names nobody of `carrying` counts as homeless
 * @returns address text -> member name, in configured order; without those of a family that nobody carries
 */
export function place(
  addresses: readonly DataAddressConfiguration[],
  carrying: (family: Family) => readonly string[],
  present: ReadonlyMap<string, string>,
): Map<string, string> {
  const placed = ([4, 6] as const).flatMap((family) => {
    const members = carrying(family);
    const ofFamily = addresses.filter((address) => address.family === family);
    return members.length === 0 ? [] : placeFamily(ofFamily, members, present);
  });
  const hosts = new Map(placed);
  const hosted = addresses.flatMap(({ address }): [address: string, member: string][] => {
    const host = hosts.get(address);
    return host === undefined ? [] : [[address, host]];
  });
  return new Map(hosted);
}

function placeFamily(
  addresses: readonly DataAddressConfiguration[],
  carrying: readonly string[],
  present: ReadonlyMap<string, string>,
): [address: string, member: string][] {
  const load = new Map<string, string[]>(carrying.map((name) => [name, []]));
  const pinned = new Set<string>();
  const homeless: string[] = [];
  for (const { address, prefer } of addresses) {
    const home = prefer === undefined ? undefined : load.get(prefer);
    if (home !== undefined) {
      home.push(address);
      pinned.add(address);
      continue;
    }
    const stays = load.get(present.get(address) ?? "");
    if (stays === undefined) homeless.push(address);
    else stays.push(address);
  }
  for (const address of homeless) leastLoaded(load)[1].push(address);
  level(load, pinned);
  return [...load].flatMap(([name, hosted]) => hosted.map((address): [string, string] => [address, name]));
}

/** First in order on ties. */
function leastLoaded(load: ReadonlyMap<string, string[]>): [string, string[]] {
  return [...load].reduce((best, entry) => (entry[1].length < best[1].length ? entry : best));
}

/** Moves the most recently bound address from the fullest to the emptiest member until they differ by one at most. */
function level(load: ReadonlyMap<string, string[]>, pinned: ReadonlySet<string>): void {
  for (;;) {
    const [, least] = leastLoaded(load);
    const movable = [...load.values()].filter(
      (hosted) => hosted.length > least.length + 1 && hosted.some((address) => !pinned.has(address)),
    );
    if (movable.length === 0) return;
    const fullest = movable.reduce((best, hosted) => (hosted.length > best.length ? hosted : best));
    const at = fullest.findLastIndex((address) => !pinned.has(address));
    least.push(...fullest.splice(at, 1));
  }
}
