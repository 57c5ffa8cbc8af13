/** The little address arithmetic that probing needs. Texts are canonical. */
import type { AddressPrefix } from "../configuration.ts";

/** An IPv6 address that means something on its link only (fe80::/10). */
export function isLinkLocal6(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

/** Can `address` be reached from `source` without a router? IPv6 is probed between link-local addresses only. */
export function isOnLink(address: string, source: AddressPrefix): boolean {
  if (source.family === 6) return isLinkLocal6(address);
  const subnetSize = 2 ** (32 - source.prefixLength);
  return Math.floor(numberOf(address) / subnetSize) === Math.floor(numberOf(source.address) / subnetSize);
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0);
}
