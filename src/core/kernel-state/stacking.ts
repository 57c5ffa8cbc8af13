/**
 * Links that stand on others: VLANs, macvlans and the like on one link; bridges, bonds and teams on their ports. The kernel tells them late
 * of what happens below.
 */
import type { Link } from "./kernel-objects.ts";

/**
 * Kinds that have a carrier only while one of their ports has. Of other masters that does not hold: a VRF needs none, and a virtual card
 * goes on without the real one that is bound to it.
 */
const CARRIED_BY_PORTS: ReadonlySet<string> = new Set(["bridge", "bond", "team"]);

/** Of so many ports a stack takes account at most. A host may have hundreds of virtual machines on one bridge, and one port that works is enough. */
const MOST_PORTS = 8;

function isCarriedByPorts(link: Link | undefined): boolean {
  return link !== undefined && CARRIED_BY_PORTS.has(link.kind);
}

function runs({ adminUp, carrier, running }: Link): boolean {
  return adminUp && carrier && running;
}

/** The links of a namespace as the kernel tells them, and which of them stand on which. */
export class Stacks {
  readonly #links = new Map<number, Link>();
  /** Those that stand on others. */
  readonly #standing = new Map<number, Link>();
  /** Ports by their indexes, by that of their master. */
  readonly #ports = new Map<number, Map<number, Link>>();

  get(index: number): Link | undefined {
    return this.#links.get(index);
  }

  put(link: Link): void {
    this.drop(link.index);
    this.#links.set(link.index, link);
    if (link.lower !== 0 || isCarriedByPorts(link)) this.#standing.set(link.index, link);
    if (link.master === 0) return;
    const ports = this.#ports.get(link.master);
    if (ports === undefined) this.#ports.set(link.master, new Map([[link.index, link]]));
    else ports.set(link.index, link);
  }

  drop(index: number): void {
    this.#ports.get(this.#links.get(index)?.master ?? 0)?.delete(index);
    this.#links.delete(index);
    this.#standing.delete(index);
  }

  clear(): void {
    for (const map of [this.#links, this.#standing, this.#ports]) map.clear();
  }

  get standing(): Iterable<Link> {
    return this.#standing.values();
  }

  /** Indexes of the links that stand on this one, directly or not. */
  standingOn(index: number): number[] {
    const found = new Set([index]);
    for (const below of found) for (const above of this.#directlyOn(below)) found.add(above);
    found.delete(index);
    return [...found];
  }

  #directlyOn(index: number): number[] {
    const master = this.#links.get(index)?.master ?? 0;
    const above = [...this.#standing.values()].filter(({ lower }) => lower === index).map((link) => link.index);
    return isCarriedByPorts(this.#links.get(master)) ? [...above, master] : above;
  }

  /** The index of this link and those of the ones that it stands on, from above; of ports those first that work. */
  stackOf(index: number): number[] {
    const found = new Set<number>();
    const add = (link: Link | undefined) => {
      // A number that is used again may make a ring of what was told at different times.
      if (link === undefined || found.has(link.index)) return;
      found.add(link.index);
      if (isCarriedByPorts(link)) for (const port of this.#portsOf(link.index).slice(0, MOST_PORTS)) add(port);
      else add(this.#links.get(link.lower));
    };
    add(this.#links.get(index));
    return [...found];
  }

  /** Those that work before others. */
  #portsOf(index: number): Link[] {
    const ports = [...(this.#ports.get(index)?.values() ?? [])];
    return [...ports.filter(runs), ...ports.filter((port) => !runs(port))];
  }

  /**
   * The link with the carrier that it really has: none while one below has none, does not run, or is set down; and of ports, while that
   * holds for all of them.
   */
  withCarrierBelow(link: Link): Link {
    return this.#isCarried(link, 0, []) ? link : { ...link, carrier: false };
  }

  /** Has this link no carrier when that of the link `lost` goes? */
  isLostWith(link: Link, lost: number): boolean {
    return link.index === lost || !this.#isCarried(link, lost, []);
  }

  #isCarried(link: Link, lost: number, above: readonly number[]): boolean {
    const path = [...above, link.index];
    const works = (one: Link) =>
      path.includes(one.index) || (one.index !== lost && runs(one) && this.#isCarried(one, lost, path));
    if (isCarriedByPorts(link)) return this.#portsOf(link.index).some(works);
    const below = this.#links.get(link.lower);
    return below === undefined || works(below);
  }
}
