/** Texts of addresses and prefixes -> numbers and canonical texts. All address arithmetic of the product is here. */
import { Address4, Address6 } from "ip-address";
import type { AddressPrefix, Family } from "../core/configuration.ts";
import type { Reading } from "./reading.ts";

export interface IpAddress {
  readonly family: Family;
  /** Canonical text. */
  readonly address: string;
  readonly number: bigint;
}

export interface IpPrefix extends IpAddress {
  readonly prefixLength: number;
}

const EXAMPLE = "192.0.2.19 or 2001:db8::19";
const PREFIX_EXAMPLE = "192.0.2.19/24 or 2001:db8::19/64";

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Canonical text of an address: dotted quad, or RFC 5952. */
function textOf(family: Family, number: bigint): string {
  return family === 4 ? Address4.fromBigInt(number).correctForm() : Address6.fromBigInt(number).correctForm();
}

function parseIp(text: string): IpAddress | undefined {
  // The library takes masks and zones; here they are read (or refused) by the callers.
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const family = text.includes(":") ? 6 : 4;
  try {
    const number = (family === 6 ? new Address6(text) : new Address4(text)).bigInt();
    return { family, address: textOf(family, number), number };
  } catch {
    return undefined;
  }
}

/** What was probably meant by something that is no address. */
function hintFor(text: string): string {
  if (text.includes("%")) return " without a zone (the interface is known from its place in the file)";
  if (/^[0-9.]+$/.test(text) && text.split(".").some((octet) => /^0\d/.test(octet))) {
    return ` (an octet with a leading zero may mean octal or decimal)`;
  }
  return /^[0-9.]+$/.test(text) && text.split(".").length !== 4 ? " with all four octets" : "";
}

/** Reads a bare address. */
export function readIp(text: string): Reading<IpAddress> {
  if (text.includes("/")) return { wanted: `an address without prefix length, such as ${EXAMPLE}` };
  const ip = parseIp(text);
  return ip === undefined ? { wanted: `an address${hintFor(text)}, such as ${EXAMPLE}` } : { value: ip };
}

/** Reads `ADDRESS/LENGTH` with a length of at least `shortest`. */
export function readPrefix(text: string, shortest: number): Reading<IpPrefix> {
  const [before = "", after, ...rest] = text.split("/");
  const ip = parseIp(before);
  if (ip === undefined) return { wanted: `an address with prefix length${hintFor(before)}, such as ${PREFIX_EXAMPLE}` };
  if (after === undefined) {
    return { wanted: `the prefix length of its subnet as well, such as ${ip.address}/${ip.family === 4 ? 24 : 64}` };
  }
  const longest = bitsOf(ip.family);
  const length = /^(0|[1-9]\d{0,2})$/.test(after) ? Number(after) : Number.NaN;
  if (rest.length > 0 || !(length >= shortest && length <= longest)) {
    return { wanted: `a prefix length of ${shortest} to ${longest} for IPv${ip.family}` };
  }
  return { value: { ...ip, prefixLength: length } };
}

/** The network part of `number`: the host bits are zero. */
function networkOf(family: Family, number: bigint, prefixLength: number): bigint {
  const hostBits = BigInt(bitsOf(family) - prefixLength);
  return (number >> hostBits) << hostBits;
}

function lastOf(prefix: IpPrefix): bigint {
  const hostBits = BigInt(bitsOf(prefix.family) - prefix.prefixLength);
  return networkOf(prefix.family, prefix.number, prefix.prefixLength) | ((1n << hostBits) - 1n);
}

/** The subnet in canonical text. */
export function subnetOf({ family, number, prefixLength }: IpPrefix): string {
  return `${textOf(family, networkOf(family, number, prefixLength))}/${prefixLength}`;
}

/** From here on a subnet has no room for a broadcast address (RFC 3021). */
const LONGEST_WITH_BROADCAST = 30;

/** The form that the rest of the product works with. */
export function addressPrefixOf(prefix: IpPrefix): AddressPrefix {
  const { family, address, prefixLength } = prefix;
  const hasBroadcast = family === 4 && prefixLength <= LONGEST_WITH_BROADCAST;
  const broadcast = hasBroadcast ? textOf(4, lastOf(prefix)) : "";
  return { family, address, prefixLength, subnet: subnetOf(prefix), broadcast };
}

export function contains(prefix: IpPrefix, ip: IpAddress): boolean {
  const { family, number, prefixLength } = prefix;
  return family === ip.family && networkOf(family, ip.number, prefixLength) === networkOf(family, number, prefixLength);
}

/** Two subnets overlap when the larger holds the smaller. */
export function overlap(left: IpPrefix, right: IpPrefix): boolean {
  return left.prefixLength <= right.prefixLength ? contains(left, right) : contains(right, left);
}

/** Destination prefix whose host bits must be zero. */
export function readNetwork(text: string): Reading<IpPrefix> {
  const reading = readPrefix(text, 0);
  if ("wanted" in reading) return reading;
  const subnet = subnetOf(reading.value);
  const isNetwork = networkOf(reading.value.family, reading.value.number, reading.value.prefixLength);
  return isNetwork === reading.value.number ? reading : { wanted: `${subnet} (bits beyond the prefix must be zero)` };
}

interface Kind {
  readonly name: string;
  readonly range: IpPrefix;
}

function kind(name: string, range: string): Kind {
  const reading = readPrefix(range, 0);
  if ("wanted" in reading) throw new Error(`${range}: wanted ${reading.wanted}`);
  return { name, range: reading.value };
}

/** Ranges that no host of a link can have, each with its name. */
const NO_HOSTS: readonly Kind[] = [
  kind("the broadcast address", "255.255.255.255/32"),
  kind("the unspecified address", "0.0.0.0/32"),
  kind("an address of `this network`", "0.0.0.0/8"),
  kind("a loopback address", "127.0.0.0/8"),
  kind("a multicast address", "224.0.0.0/4"),
  kind("the unspecified address", "::/128"),
  kind("a loopback address", "::1/128"),
  kind("a multicast address", "ff00::/8"),
  kind("an IPv4-mapped address", "::ffff:0:0/96"),
];

export const LINK_LOCAL_6 = kind("link-local", "fe80::/10").range;

/** IPv6 addresses that mean something else on every link. */
export function isLinkLocal6(ip: IpAddress): boolean {
  return contains(LINK_LOCAL_6, ip);
}

/** Why no host can have this address, or undefined where one can. */
export function unfitForHost(ip: IpAddress): string | undefined {
  return NO_HOSTS.find(({ range }) => contains(range, ip))?.name;
}

/** Why no host of this subnet can have this address. */
function unfitInSubnet(prefix: IpPrefix): string | undefined {
  if (prefix.prefixLength >= bitsOf(prefix.family) - 1) return undefined;
  if (networkOf(prefix.family, prefix.number, prefix.prefixLength) === prefix.number) {
    return prefix.family === 4 ? "the network address of its subnet" : "the router anycast address of its subnet";
  }
  return prefix.family === 4 && lastOf(prefix) === prefix.number ? "the broadcast address of its subnet" : undefined;
}

/**
 * Why no other host can have this address beside ours, or undefined where one can. The router anycast address of an IPv6 subnet is
 * answered by its routers.
 */
export function unfitBeside(ip: IpAddress, ours: readonly IpPrefix[]): string | undefined {
  for (const prefix of ours) {
    if (ip.family === 6 || !contains(prefix, ip)) continue;
    const flaw = unfitInSubnet({ ...ip, prefixLength: prefix.prefixLength });
    if (flaw !== undefined) return flaw.replace("its subnet", subnetOf(prefix));
  }
  return undefined;
}

/** A host's address with the prefix length of its subnet. */
export function readHostPrefix(text: string): Reading<IpPrefix> {
  const reading = readPrefix(text, 1);
  if ("wanted" in reading) return reading;
  const flaw = unfitForHost(reading.value) ?? unfitInSubnet(reading.value);
  return flaw === undefined ? reading : { wanted: `an address of one host (this is ${flaw})` };
}

/** A host's address: a gateway or a target. */
export function readHost(text: string): Reading<IpAddress> {
  const reading = readIp(text);
  if ("wanted" in reading) return reading;
  const flaw = unfitForHost(reading.value);
  return flaw === undefined ? reading : { wanted: `an address of one host (this is ${flaw})` };
}

/** `default` stands for all addresses of the gateway's family. */
export type Destination = "default" | IpPrefix;

/** The `to` of a route: `default`, a prefix, or a bare address for one host. */
export function readDestination(text: string): Reading<Destination> {
  if (text === "default") return { value: "default" };
  const host = parseIp(text);
  const reading: Reading<IpPrefix> =
    host === undefined ? readNetwork(text) : { value: { ...host, prefixLength: bitsOf(host.family) } };
  if (host === undefined && parseIp(text.split("/")[0] ?? "") === undefined) {
    return { wanted: "default, a prefix such as 10.0.0.0/8, or the address of one host" };
  }
  if ("wanted" in reading || reading.value.prefixLength === 0) return reading;
  const flaw = unfitForHost(reading.value);
  return flaw === undefined ? reading : { wanted: `a destination that can be routed (this is ${flaw})` };
}
