/** Links that stand on others: VLANs, macvlans and the like. The kernel tells them late of what happens below. */
import type { Link } from "./kernel-objects.ts";

export type Links = ReadonlyMap<number, Link>;

/** The link with this index, and those that it stands on, from above. */
export function stackOf(index: number, links: Links): Link[] {
  const stack: Link[] = [];
  // A number that is used again may make a ring of what was told at different times.
  for (let link = links.get(index); link !== undefined && !stack.includes(link); link = links.get(link.lower))
    stack.push(link);
  return stack;
}

/** The link with the carrier that it really has: none while a link below has none, does not run, or is set down. */
export function withCarrierBelow(link: Link, links: Links): Link {
  const [, ...below] = stackOf(link.index, links);
  return below.every(({ adminUp, carrier, running }) => adminUp && carrier && running)
    ? link
    : { ...link, carrier: false };
}
