/**
 * What the groups want of the kernel, kept per group: a step works out anew only what it touched. What is missing is looked for in
 * the groups that were touched; what is surplus can only be told from the wants of all.
 */
import type { Group } from "../group.ts";
import { missing, surplus } from "./difference.ts";
import { anchorOf } from "./group-interface.ts";
import type { KernelRequest } from "./kernel-objects.ts";
import type { NextHopIds } from "./next-hop-ids.ts";
import type { Picture } from "./picture.ts";
import { IPV6_DISABLED, NO_IPV6 } from "./settings.ts";
import { dropClashingRoutes, nothingWanted, type Wanted, wantGroup, wantNamespaceSettings } from "./wanted.ts";

export class Demands {
  readonly #picture: Picture;
  readonly #ids: NextHopIds;
  #namespace = nothingWanted();
  #wanted = new Map<Group, Wanted>();
  /** All of it in one; undefined when a part has changed. */
  #total: Wanted | undefined;

  constructor(picture: Picture, ids: NextHopIds) {
    this.#picture = picture;
    this.#ids = ids;
  }

  /** These are all groups there are now. */
  retain(groups: readonly Group[]): void {
    this.#namespace = nothingWanted();
    wantNamespaceSettings(groups, this.#namespace);
    this.#wanted = new Map(groups.map((group) => [group, this.#wanted.get(group) ?? nothingWanted()]));
    this.#total = undefined;
  }

  /** Works out what `group` wants by now. */
  renew(group: Group): void {
    const wanted = nothingWanted();
    wantGroup(group, anchorOf(group, this.#picture), this.#ids, wanted);
    dropIpv6(wanted, this.#picture);
    this.#wanted.set(group, wanted);
    this.#total = undefined;
  }

  /** What this group lacks, in the order in which one thing needs another. One that is no more wants nothing. */
  missing(group: Group): KernelRequest[] {
    this.#settle();
    return missing(this.#picture, this.#wanted.get(group) ?? nothingWanted());
  }

  missingInNamespace(): KernelRequest[] {
    const wanted = { ...this.#namespace, settings: [...this.#namespace.settings] };
    dropIpv6(wanted, this.#picture);
    return missing(this.#picture, wanted);
  }

  /** What is ours and nobody wants any more: to be asked for after everything that is missing. */
  surplus(): KernelRequest[] {
    return surplus(this.#picture, this.#settle());
  }

  /** Everything that is not as wanted. */
  all(): KernelRequest[] {
    const missing = [...this.#wanted.keys()].flatMap((group) => this.missing(group));
    return [...this.missingInNamespace(), ...missing, ...this.surplus()];
  }

  #settle(): Wanted {
    this.#total ??= combined([this.#namespace, ...this.#wanted.values()]);
    return this.#total;
  }
}

/**
 * Where a kernel has no IPv6 at all, or a link has none, there is nothing to set or to anchor. What members can not carry is left out before.
 * Nor is IPv6 switched on where it is not known to be off: of a new link that is read when it has refused something.
 */
function dropIpv6(wanted: Wanted, picture: Picture): void {
  keep(wanted.settings, ({ link, key }) => {
    const disabled = picture.settings.get(`${link}/${IPV6_DISABLED}`);
    if (!key.startsWith("ipv6.")) return true;
    return picture.hasIpv6 && disabled !== NO_IPV6 && (key !== IPV6_DISABLED || disabled !== undefined);
  });
  if (picture.hasIpv6) return;
  keep(wanted.anchors, ({ family }) => family !== 6);
  keep(wanted.anchorRoutes, ({ family }) => family !== 6);
}

function keep<Item>(items: Item[], wanted: (item: Item) => boolean): void {
  items.splice(0, items.length, ...items.filter(wanted));
}

/** Of routes that the kernel can not tell apart the first stays, in whatever group. */
function combined(parts: readonly Wanted[]): Wanted {
  const total = nothingWanted();
  for (const part of parts) {
    for (const key of Object.keys(total) as (keyof Wanted)[]) (total[key] as unknown[]).push(...part[key]);
  }
  dropClashingRoutes(total);
  return total;
}
