/** Which of its configured addresses a member is probed with, and whom its probes can reach. */
import type { AddressPrefix, Family } from "../configuration.ts";
import { type InterfaceAddress, OUR_PROTOCOL } from "../kernel-state/kernel-objects.ts";
import { addressKey, type Picture } from "../kernel-state/picture.ts";
import { contains, isLinkLocal6 } from "../subnet.ts";
import type { Instance } from "./instance.ts";

/** The address as it is on the link of this index: with a prefix length as we put it, or with that of its subnet. */
export function findAddress(
  { family, address, prefixLength }: AddressPrefix,
  picture: Picture,
  index: number,
): InterfaceAddress | undefined {
  const ours = picture.addresses.get(addressKey(index, address, family === 4 ? 32 : 128));
  return ours ?? picture.addresses.get(addressKey(index, address, prefixLength));
}

/**
 * The choice follows the configuration: an address that is missing for a moment stays chosen, or its deletion would end the
 * probing and so repair a failed member. The best is one that applications do not take for a source; then the first that is there
 * and ready; then the first of all. IPv6 is probed between link-local addresses only.
 */
export function chooseTestAddress(
  candidates: readonly AddressPrefix[],
  family: Family,
  picture: Picture,
  index: number,
  present: AddressPrefix | undefined,
): AddressPrefix | undefined {
  const fit = candidates.filter((one) => one.family === family && (family === 4 || isLinkLocal6(one.address)));
  const kept = fit.find((one) => one.address === present?.address && one.subnet === present.subnet);
  const rate = (one: AddressPrefix) => rating(findAddress(one, picture, index));
  if (kept !== undefined && rate(kept) !== "ok") return kept;
  return fit.find((one) => rate(one) === "best") ?? kept ?? fit.find((one) => rate(one) === "ok") ?? fit[0];
}

/** IPv4: deprecated, or ours, which nobody takes for a source. IPv6: that it is link-local suffices. */
function rating(seen: InterfaceAddress | undefined): "best" | "ok" | "missing" {
  if (seen === undefined || seen.tentative) return "missing";
  return seen.family === 6 || seen.deprecated || seen.protocol === OUR_PROTOCOL ? "best" : "ok";
}

/** Probes can leave from it. */
export function isUsable(address: AddressPrefix, picture: Picture, index: number): boolean {
  return findAddress(address, picture, index)?.tentative === false;
}

/** Somebody has put it on one of these links, too. What is ours there is about to be moved, not a second one. */
export function isDuplicate(address: AddressPrefix, picture: Picture, otherIndexes: readonly number[]): boolean {
  return otherIndexes.some((index) => {
    const seen = findAddress(address, picture, index);
    return seen !== undefined && seen.protocol !== OUR_PROTOCOL;
  });
}

/** Can `address` be reached from `source` without a router? IPv6 is probed between link-local addresses only. */
export function isOnLink(address: string, source: AddressPrefix): boolean {
  return source.family === 6 ? isLinkLocal6(address) : contains(source, address);
}

/** The same from where the probes of this instance leave, at one time or another. */
export function reaches(
  { testAddress, transitive }: Pick<Instance, "testAddress" | "transitive">,
  address: string,
): boolean {
  const sources = testAddress === undefined ? (transitive?.addresses ?? []) : [testAddress];
  return sources.some((source) => isOnLink(address, source));
}
