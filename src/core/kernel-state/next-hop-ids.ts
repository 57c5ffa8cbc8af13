/**
 * Which id each next-hop object of ours has, and which of them the kernel refuses. Ids are global per namespace, so foreign ones are
 * avoided, and what an earlier daemon left is adopted by what it is: a single next hop by its link and gateway, a group by the route that uses it.
 * No file is needed for that; where nothing can be adopted a fresh id is taken, and the old object goes after the new
 * one is in use.
 */
import type { Family } from "../configuration.ts";
import { type NextHop, OUR_NEXT_HOP_IDS, OUR_PROTOCOL, type Route } from "./kernel-objects.ts";
import { type Picture, routeKey } from "./picture.ts";

export class NextHopIds {
  readonly #ids = new Map<string, number>();
  readonly #refused = new Set<number>();
  readonly #picture: Picture;

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  /** Id of the next hop of this family out of `index`, through `gateway` or ("") directly. */
  single(family: Family, index: number, gateway: string): number {
    return this.#idFor(
      `single ${index} ${family} ${gateway}`,
      (seen) => seen.family === family && seen.index === index && seen.gateway === gateway,
      () => this.#seenSingle(family, index, gateway),
    );
  }

  /**
   * Id of the group that `name` stands for, whose next hops are of that family; `route` is one that uses it, to recognise it by. A group
   * keeps its family: the kernel does not give one that leads routes of IPv6 next hops of IPv4.
   */
  group(family: Family, name: string, route: Route | undefined): number {
    return this.#idFor(
      `group ${name}`,
      (seen) => seen.family === 0 && seen.group.every((id) => this.#picture.nextHops.get(id)?.family === family),
      () => (route === undefined ? undefined : this.#picture.routes.get(routeKey(route))?.nextHopId),
    );
  }

  #idFor(key: string, fits: (seen: NextHop) => boolean, find: () => number | undefined): number {
    const known = this.#ids.get(key);
    if (known !== undefined && this.#mayUse(known, fits)) return known;
    const adopted = find();
    const id =
      adopted !== undefined && adopted !== 0 && !this.#taken(adopted) && this.#mayUse(adopted, fits)
        ? adopted
        : this.#fresh();
    this.#ids.set(key, id);
    return id;
  }

  /** An id of our range that is free in the kernel, or holds an object of ours of the right sort. */
  #mayUse(id: number, fits: (seen: NextHop) => boolean): boolean {
    if (id < OUR_NEXT_HOP_IDS.first || id > OUR_NEXT_HOP_IDS.last) return false;
    const seen = this.#picture.nextHops.get(id);
    return seen === undefined || (seen.protocol === OUR_PROTOCOL && fits(seen));
  }

  /** What became of asking for the next hop of that id. Where it was refused a group that contains it would be, too. */
  note(id: number, granted: boolean): void {
    if (granted) this.#refused.delete(id);
    else this.#refused.add(id);
  }

  /** What is there is refused no more, though the answer to the request that made it may never have been heard. */
  isRefused(id: number): boolean {
    return this.#refused.has(id) && !this.#picture.nextHops.has(id);
  }

  #seenSingle(family: Family, index: number, gateway: string): number | undefined {
    for (const seen of this.#picture.nextHops.values()) {
      if (seen.protocol !== OUR_PROTOCOL || seen.family !== family) continue;
      if (seen.index === index && seen.gateway === gateway && !this.#taken(seen.id)) return seen.id;
    }
    return undefined;
  }

  #taken(id: number): boolean {
    for (const other of this.#ids.values()) if (other === id) return true;
    return false;
  }

  #fresh(): number {
    const taken = new Set(this.#ids.values());
    for (let id: number = OUR_NEXT_HOP_IDS.first; id <= OUR_NEXT_HOP_IDS.last; id++) {
      if (!taken.has(id) && !this.#picture.nextHops.has(id)) return id;
    }
    throw new Error("assertion failed: all next-hop ids of our range are taken");
  }

  /** Forgets the ids of links that are gone, so that the table does not grow with every re-created NIC. */
  forgetLink(index: number): void {
    for (const [key, id] of this.#ids) {
      if (!key.startsWith(`single ${index} `)) continue;
      this.#ids.delete(key);
      this.#refused.delete(id);
    }
  }

  /** Forgets the groups whose name starts with `prefix`. */
  forgetGroups(prefix: string): void {
    for (const key of this.#ids.keys()) if (key.startsWith(`group ${prefix}`)) this.#ids.delete(key);
  }
}
