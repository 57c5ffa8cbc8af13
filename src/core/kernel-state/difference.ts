/**
 * What has to be asked of the kernel to get from what is seen to what is wanted. Added before deleted, and in the order in
 * which one thing needs another. Touches only what is ours: addresses, routes and next hops with our protocol number,
 * links with our alias, settings of our members.
 */

import { GROUP_INTERFACE_KINDS, isOurLink } from "./group-interface.ts";
import {
  type InterfaceAddress,
  type KernelRequest,
  type NextHop,
  OUR_LINK_ALIAS,
  OUR_PROTOCOL,
  type Route,
} from "./kernel-objects.ts";
import { addressKey, type Picture, routeKey } from "./picture.ts";
import type { Wanted, WantedAddress } from "./wanted.ts";

/** What `wanted` lacks, in the order in which one thing needs another. */
export function missing(picture: Picture, wanted: Wanted): KernelRequest[] {
  return [
    ...missingSettings(picture, wanted),
    ...missingLinks(picture, wanted),
    ...loweredLinks(picture, wanted),
    ...missingAddresses(picture, wanted.anchors),
    ...missingRoutes(picture, wanted.anchorRoutes),
    ...missingAddresses(picture, wanted.memberAddresses),
    ...wanted.paths.flatMap(({ nextHops, routes }) => [
      ...missingNextHops(picture, nextHops),
      ...missingRoutes(picture, routes),
    ]),
    ...missingAddresses(picture, wanted.copies),
  ];
}

/** What is there, is ours, and is wanted by nobody; `wanted` is that of all. To be asked for after what is missing. */
export function surplus(picture: Picture, wanted: Wanted): KernelRequest[] {
  const unanchored = new Set([
    ...missingAddresses(picture, wanted.anchors).map(({ address }) => address),
    ...missingRoutes(picture, wanted.anchorRoutes).map(anchoredBy),
  ]);
  return [
    // Routes before the addresses that they name as their source: the kernel would drop them by itself.
    ...surplusRoutes(picture, wanted, unanchored),
    ...surplusAddresses(picture, wanted, unanchored),
    ...surplusNextHops(picture, wanted),
    // The old anchor of addresses that are not anchored anew yet.
    ...(unanchored.size > 0 ? [] : surplusLinks(picture, wanted)),
    ...surplusSettings(picture, wanted),
  ];
}

function missingSettings(picture: Picture, wanted: Wanted): KernelRequest[] {
  return wanted.settings
    .filter(({ link, key, value }) => picture.settings.get(`${link}/${key}`) !== value)
    .map((setting) => ({ op: "set-setting", ...setting }));
}

function missingLinks(picture: Picture, wanted: Wanted): KernelRequest[] {
  return wanted.links.flatMap((name): KernelRequest[] => {
    const link = picture.linkNamed(name);
    if (link === undefined || !isOurLink(link)) {
      return [{ op: "create-link", name, kinds: GROUP_INTERFACE_KINDS, alias: OUR_LINK_ALIAS }];
    }
    return link.adminUp ? [] : [{ op: "set-link-up", index: link.index }];
  });
}

function loweredLinks(picture: Picture, wanted: Wanted): KernelRequest[] {
  return wanted.raised
    .filter((index) => picture.links.get(index)?.adminUp === false)
    .map((index) => ({ op: "set-link-up", index }));
}

type SetAddress = Extract<KernelRequest, { op: "set-address" }>;
type SetRoute = Extract<KernelRequest, { op: "set-route" }>;

/** The address that a local route keeps local. */
function anchoredBy({ route }: { readonly route: Route }): string {
  return route.destination.replace(/\/\d+$/, "");
}

/**
 * Only an address of ours is ever replaced: what stands there unseen, such as a link-local one in duplicate address detection, belongs
 * to somebody else, and the kernel shall refuse. One of ours with another prefix length has to go first: that can not be changed.
 */
function missingAddresses(picture: Picture, wanted: readonly WantedAddress[]): SetAddress[] {
  return wanted.flatMap((address): SetAddress[] => {
    const seen = seenAt(address, picture);
    if (seen !== undefined && (isSatisfied(address, picture) || seen.prefixLength !== address.prefixLength)) return [];
    return [{ op: "set-address", ...address, replace: seen !== undefined }];
  });
}

function seenAt({ index, address, prefixLength }: WantedAddress, picture: Picture): InterfaceAddress | undefined {
  return picture.addresses.get(addressKey(index, address, prefixLength));
}

/** Somebody else's address serves as well as ours, and is not ours to change. */
function isSatisfied(wanted: WantedAddress, picture: Picture): boolean {
  const seen = seenAt(wanted, picture);
  if (seen === undefined) return false;
  if (seen.protocol !== OUR_PROTOCOL || wanted.family === 4) return true;
  return seen.deprecated === wanted.deprecated && seen.prefixLength === wanted.prefixLength;
}

function missingNextHops(picture: Picture, wanted: readonly NextHop[]): KernelRequest[] {
  const missing = wanted.filter((nextHop) => !sameNextHop(picture.nextHops.get(nextHop.id), nextHop));
  const singles = missing.flatMap(({ id, family, index, gateway }): KernelRequest[] =>
    family === 0 ? [] : [{ op: "set-next-hop", id, family, index, gateway }],
  );
  const groups = missing.filter(({ family }) => family === 0);
  return [...singles, ...groups.map(({ id, group }): KernelRequest => ({ op: "set-next-hop-group", id, group }))];
}

function sameNextHop(seen: NextHop | undefined, wanted: NextHop): boolean {
  return (
    seen !== undefined &&
    seen.family === wanted.family &&
    seen.index === wanted.index &&
    seen.gateway === wanted.gateway &&
    seen.group.join() === wanted.group.join()
  );
}

/** Only a route of ours is ever replaced: what stands there unseen belongs to somebody else, and the kernel shall refuse. */
function missingRoutes(picture: Picture, wanted: readonly Route[]): SetRoute[] {
  return wanted.flatMap((route): SetRoute[] => {
    const seen = picture.routes.get(routeKey(route));
    return seen !== undefined && sameRoute(seen, route)
      ? []
      : [{ op: "set-route", route, replace: seen !== undefined }];
  });
}

function sameRoute(seen: Route, wanted: Route): boolean {
  return (
    seen.nextHopId === wanted.nextHopId &&
    seen.index === wanted.index &&
    seen.source === wanted.source &&
    seen.scope === wanted.scope
  );
}

/**
 * The old copy stays until the new one has been seen, and what still keeps an address local until the new anchor has: adding
 * them may be refused. A copy on a member is no anchor any more once the wanted copy is seen.
 */
function surplusAddresses(picture: Picture, wanted: Wanted, unanchored: ReadonlySet<string>): KernelRequest[] {
  const all = [...wanted.anchors, ...wanted.memberAddresses, ...wanted.copies];
  const keep = new Map(
    all.map(({ index, address, prefixLength }) => [addressKey(index, address, prefixLength), prefixLength]),
  );
  const seen = new Set(all.filter((one) => isSatisfied(one, picture)).map(({ address }) => address));
  const unhosted = new Set(missingAddresses(picture, wanted.copies).map(({ address }) => address));
  const holds = ({ index, address }: InterfaceAddress) => {
    const link = picture.links.get(index);
    const isAnchor = !seen.has(address) || (link !== undefined && isOurLink(link));
    return unhosted.has(address) || (unanchored.has(address) && isAnchor);
  };
  return [...picture.addresses]
    .filter(([, address]) => address.protocol === OUR_PROTOCOL)
    .filter(([key, address]) => keep.get(key) !== address.prefixLength && (keep.has(key) || !holds(address)))
    .map(([, address]) => removeAddress(address));
}

function removeAddress({ index, family, address, prefixLength }: InterfaceAddress): KernelRequest {
  return { op: "remove-address", index, family, address, prefixLength };
}

function surplusRoutes(picture: Picture, wanted: Wanted, unanchored: ReadonlySet<string>): KernelRequest[] {
  const keep = new Set([...wanted.anchorRoutes, ...wanted.paths.flatMap(({ routes }) => routes)].map(routeKey));
  return [...picture.routes]
    .filter(([key, route]) => route.protocol === OUR_PROTOCOL && !keep.has(key))
    .filter(([, route]) => route.type !== "local" || !unanchored.has(anchoredBy({ route })))
    .map(([, route]) => ({ op: "remove-route", route }));
}

/** Groups before their members. */
function surplusNextHops(picture: Picture, wanted: Wanted): KernelRequest[] {
  const keep = new Set(wanted.paths.flatMap(({ nextHops }) => nextHops.map((nextHop) => nextHop.id)));
  return [...picture.nextHops.values()]
    .filter((nextHop) => nextHop.protocol === OUR_PROTOCOL && !keep.has(nextHop.id))
    .sort((a, b) => b.group.length - a.group.length)
    .map(({ id }) => ({ op: "remove-next-hop", id }));
}

function surplusLinks(picture: Picture, wanted: Wanted): KernelRequest[] {
  return [...picture.links.values()]
    .filter((link) => isOurLink(link) && !wanted.links.includes(link.name))
    .map(({ index }) => ({ op: "remove-link", index }));
}

/** Kept values of settings that are no longer wanted, whoever changed them: this daemon, or one before it. */
function surplusSettings(picture: Picture, wanted: Wanted): KernelRequest[] {
  const keep = new Set(wanted.settings.map(({ index, key }) => `${index}/${key}`));
  return [...picture.kept].flatMap(([index, keys]): KernelRequest[] => {
    const surplus = [...keys].filter((key) => !keep.has(`${index}/${key}`));
    const link = picture.links.get(index)?.name ?? "";
    return surplus.length === 0 ? [] : [{ op: "restore-settings", link, index, keys: surplus }];
  });
}
