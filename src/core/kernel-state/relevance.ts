/** Which notices concern us at all: those about members, group interfaces, and what is marked as ours. */
import { type KernelNotice, OUR_PROTOCOL } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";

/** What a notice is about. */
export type Concern<Owner> =
  /** A link of one group: only that has to look. */
  | { readonly of: Owner }
  /** Something of ours: whose it is the notice does not tell. */
  | "somebody"
  | "nobody";

/**
 * Judged by the picture from before the notice: a link that is renamed or removed is known by its old name only there.
 * `owners`: whose the links of these names are.
 */
export function concernOf<Owner>(
  notice: KernelNotice,
  owners: ReadonlyMap<string, Owner>,
  picture: Picture,
): Concern<Owner> {
  const byName = (name: string): Concern<Owner> => {
    const owner = owners.get(name);
    return owner === undefined ? "nobody" : { of: owner };
  };
  const byIndex = (index: number) => byName(picture.links.get(index)?.name ?? "");
  if (standingOn(notice, picture).some((index) => byIndex(index) !== "nobody")) return "somebody";
  switch (notice.kind) {
    case "link": {
      const before = byIndex(notice.link.index);
      const after = byName(notice.link.name);
      // Renamed from one of ours to another of ours.
      if (
        before !== "nobody" &&
        after !== "nobody" &&
        notice.link.name !== picture.links.get(notice.link.index)?.name
      ) {
        return "somebody";
      }
      return before === "nobody" ? after : before;
    }
    case "link-removed": {
      const before = byIndex(notice.index);
      return before === "nobody" ? byName(notice.name) : before;
    }
    case "carrier":
      return byIndex(notice.index);
    case "address":
    case "address-removed": {
      const owner = byIndex(notice.address.index);
      return owner === "nobody" && notice.address.protocol === OUR_PROTOCOL ? "somebody" : owner;
    }
    case "next-hop":
      return notice.nextHop.protocol === OUR_PROTOCOL ? "somebody" : "nobody";
    case "next-hop-removed":
      return picture.nextHops.get(notice.id)?.protocol === OUR_PROTOCOL ? "somebody" : "nobody";
    case "route":
    case "route-removed":
      return notice.route.protocol === OUR_PROTOCOL ? "somebody" : "nobody";
    case "other-route":
    case "other-route-removed":
      return byIndex(notice.route.index);
  }
}

/**
 * Indexes of the links that stand on the one that a notice tells of, or will: what happens to it happens to all of them, of whatever
 * group. A port may have a new master.
 */
function standingOn(notice: KernelNotice, { stacks }: Picture): number[] {
  switch (notice.kind) {
    case "link": {
      const { index, master } = notice.link;
      return [...stacks.standingOn(index), ...(master === 0 ? [] : [master, ...stacks.standingOn(master)])];
    }
    case "link-removed":
    case "carrier":
      return stacks.standingOn(notice.index);
    default:
      return [];
  }
}
