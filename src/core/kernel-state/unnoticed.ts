/** What a dump tells of the past: something happened to a link, and no notice of it has come. */
import { type KernelPicture, OUR_PROTOCOL } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";

/**
 * Has the kernel lost single next hops of ours whose links are there? It flushes them when a link loses its carrier. If the notices of
 * that were lost, so was the one of an armed plan that was carried out then: peers may have been told of another member.
 */
export function lostNextHops(picture: Picture, dump: KernelPicture): boolean {
  const present = new Set(dump.nextHops.map(({ id }) => id));
  for (const { id, index, group, protocol } of picture.nextHops.values()) {
    if (protocol === OUR_PROTOCOL && group.length === 0 && picture.links.has(index) && !present.has(id)) return true;
  }
  return false;
}
