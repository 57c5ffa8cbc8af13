/** Which notices concern us at all: those about members, group interfaces, and what is marked as ours. */
import type { Group } from "../group.ts";
import { nameOf } from "../group.ts";
import { type KernelNotice, OUR_PROTOCOL } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";

/** Names of the links that matter: members, and group interfaces. */
export function namesOf(groups: readonly Group[]): ReadonlySet<string> {
  return new Set(groups.flatMap((group) => [group.configuration.name, ...group.members.map(nameOf)]));
}

/** Judged by the picture from before the notice: a link that is renamed or removed is known by its old name only there. */
export function concerns(notice: KernelNotice, names: ReadonlySet<string>, picture: Picture): boolean {
  const isNamed = (index: number) => names.has(picture.links.get(index)?.name ?? "");
  switch (notice.kind) {
    case "link":
      return names.has(notice.link.name) || isNamed(notice.link.index);
    case "link-removed":
      return names.has(notice.name) || isNamed(notice.index);
    case "carrier":
      return isNamed(notice.index);
    case "address":
    case "address-removed":
      return notice.address.protocol === OUR_PROTOCOL || isNamed(notice.address.index);
    case "next-hop":
      return notice.nextHop.protocol === OUR_PROTOCOL;
    case "next-hop-removed":
      return picture.nextHops.get(notice.id)?.protocol === OUR_PROTOCOL;
    case "route":
    case "route-removed":
      return notice.route.protocol === OUR_PROTOCOL;
    case "other-route":
    case "other-route-removed":
      return isNamed(notice.route.index);
  }
}
