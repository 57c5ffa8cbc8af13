/** The group's own interface, which holds the data addresses for good: `ipmp0` and the like. */
import type { Group } from "../group.ts";
import { type Link, OUR_LINK_ALIAS } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";
import type { Requests } from "./requests.ts";

/** In order of preference; only the first exists for the purpose, the others stand in where a kernel lacks it. */
export const GROUP_INTERFACE_KINDS = ["dummy", "ifb", "bridge"] as const;

/** lo has it in every namespace. */
const LOOPBACK_INDEX = 1;

/** Where the data addresses of a group are anchored at this moment. */
export type Anchor =
  /** On the group interface. */
  | { readonly on: "link"; readonly link: Link }
  /** By local routes: there is no group interface, or not yet, or the kernel refuses to make one. */
  | { readonly on: "loopback"; readonly index: number };

export function isOurLink(link: Link): boolean {
  return link.alias === OUR_LINK_ALIAS;
}

/** The interface of the group, where it is there and ours. */
export function groupInterface({ configuration }: Group, picture: Picture): Link | undefined {
  const link = configuration.groupInterface ? picture.linkNamed(configuration.name) : undefined;
  return link !== undefined && isOurLink(link) ? link : undefined;
}

/** It was asked for and granted, but its notice has not come. */
export function awaitsInterface(group: Group, picture: Picture, requests: Pick<Requests, "wasRefused">): boolean {
  const { name, groupInterface: wanted } = group.configuration;
  return wanted && groupInterface(group, picture) === undefined && !requests.wasRefused(`create-link ${name}`);
}

/** Until the group interface is there, local routes serve; they go once it has taken over. */
export function anchorOf(group: Group, picture: Picture): Anchor {
  const link = groupInterface(group, picture);
  if (link !== undefined) return { on: "link", link };
  return { on: "loopback", index: picture.linkNamed("lo")?.index ?? LOOPBACK_INDEX };
}

/** The kind that stands in for the usual one, or "". */
export function standIn(link: Link): string {
  return link.kind === GROUP_INTERFACE_KINDS[0] ? "" : link.kind;
}
