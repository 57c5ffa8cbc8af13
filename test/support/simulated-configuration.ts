/**
 * Configurations for tests in a few words. One line per group:
 * `GROUP: eth0 eth1 eth2/standby; 192.0.2.10/24 192.0.2.11/24@eth1; default via 192.0.2.1; failback no; interface no; spread l4`
 * A member's test addresses follow its name: `eth0/192.0.2.20/24/fe80::20/64`, `eth2/standby/192.0.2.22/24`. Clauses about probing:
 * `fdt 10s; cap 100s; fail-on all|any; flap 2/60s|off; targets 192.0.2.1 fe80::1` (these durations are the defaults; no targets);
 * `delay 30s` (after link-up; none by default); `transitive yes` (members without a test address are probed, too).
 * A line `track-ungrouped` belongs to the whole configuration.
 */
import { Address6 } from "ip-address";
import type {
  AddressPrefix,
  Configuration,
  DataAddressConfiguration,
  FlapLimit,
  GroupConfiguration,
  MemberConfiguration,
  RouteConfiguration,
  Spread,
  TargetConfiguration,
} from "../../src/core/configuration.ts";

/** What a daemon that is told to let go of everything gets. */
export const NOTHING_CONFIGURED: Configuration = { trackUngrouped: false, groups: [] };

const TRACK_UNGROUPED = "track-ungrouped";
const DEFAULT_DETECTION_TIME_MS = 10_000;
const CAP_FACTOR = 10;

/** `lines` as above; throws on what it does not understand. */
export function parseConfiguration(lines: readonly string[]): Configuration {
  const trimmed = lines.map((line) => line.trim());
  return {
    trackUngrouped: trimmed.includes(TRACK_UNGROUPED),
    groups: trimmed.filter((line) => line !== TRACK_UNGROUPED).map(parseGroup),
  };
}

function parseGroup(line: string): GroupConfiguration {
  const colon = line.indexOf(": ");
  const clauses = line
    .slice(colon + 1)
    .split(";")
    .map((clause) => clause.trim());
  const [members = "", addresses = "", ...rest] = clauses;
  const dataAddresses = words(addresses).map(parseDataAddress);
  const option = (name: string) => rest.find((clause) => clause.startsWith(`${name} `))?.slice(name.length + 1);
  const detectionTimeMs = optionalDuration(option("fdt")) ?? DEFAULT_DETECTION_TIME_MS;
  return {
    name: line.slice(0, colon).trim(),
    groupInterface: option("interface") !== "no",
    failback: option("failback") !== "no",
    members: words(members).map(parseMember),
    addresses: dataAddresses,
    routes: rest.filter((clause) => clause.includes(" via ")).map((clause) => parseRoute(clause, dataAddresses)),
    spread: (option("spread") ?? "l3") as Spread,
    failureDetectionTimeMs: detectionTimeMs,
    failureDetectionTimeCapMs: optionalDuration(option("cap")) ?? detectionTimeMs * CAP_FACTOR,
    failOn: option("fail-on") === "any" ? "any-family" : "all-families",
    flapLimit: parseFlapLimit(option("flap") ?? "2/60s"),
    linkUpDelayMs: optionalDuration(option("delay")) ?? 0,
    transitiveProbing: option("transitive") === "yes",
    targets: words(option("targets") ?? "").map(parseTarget),
  };
}

/** `10s`, `500ms`, in ms. */
export function durationMs(text: string): number {
  const [, value, unit] = /^([\d.]+)(ms|s)$/.exec(text) ?? [];
  if (value === undefined) throw new Error(`${text} is no duration; write 10s or 500ms`);
  return Number(value) * (unit === "s" ? 1_000 : 1);
}

function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}

/** `COUNT/WINDOW` or `off`. */
function parseFlapLimit(text: string): FlapLimit | undefined {
  const [count = "", window = ""] = text.split("/");
  return text === "off" ? undefined : { count: Number(count), windowMs: durationMs(window) };
}

function parseTarget(address: string): TargetConfiguration {
  return { family: address.includes(":") ? 6 : 4, address };
}

/** `eth0`, `eth0/standby`, `eth0/standby/192.0.2.20/24/fe80::20/64`: what follows are test addresses. */
function parseMember(text: string): MemberConfiguration {
  const [name = "", ...rest] = text.split("/");
  const standby = rest[0] === "standby";
  const parts = rest.slice(standby ? 1 : 0);
  const testAddresses = parts.flatMap((part, at) => (at % 2 === 0 ? [addressPrefix(`${part}/${parts[at + 1]}`)] : []));
  return { name, standby, testAddresses };
}

function parseDataAddress(text: string): DataAddressConfiguration {
  const [prefix = "", prefer] = text.split("@");
  return { ...addressPrefix(prefix), ...(prefer === undefined ? {} : { prefer }) };
}

/** `DESTINATION via GATEWAY [metric N]`, destination `default` or a prefix. */
function parseRoute(clause: string, addresses: readonly DataAddressConfiguration[]): RouteConfiguration {
  const [to = "", , via = "", , metric = "0"] = words(clause);
  const family = via.includes(":") ? 6 : 4;
  const everywhere = family === 4 ? "0.0.0.0/0" : "::/0";
  const near = addresses.find((address) => address.family === family && isOnLink(via, address));
  return { family, to: to === "default" ? everywhere : to, via, metric: Number(metric), source: near?.address ?? "" };
}

function isOnLink(gateway: string, { prefixLength, subnet }: AddressPrefix): boolean {
  return gateway.startsWith("fe80:") || addressPrefix(`${gateway}/${prefixLength}`).subnet === subnet;
}

/** ADDRESS/LENGTH with its subnet and broadcast address. */
export function addressPrefix(text: string): AddressPrefix {
  const [address = "", length = ""] = text.split("/");
  const prefixLength = Number(length);
  return address.includes(":") ? prefix6(address, prefixLength) : prefix4(address, prefixLength);
}

function prefix6(address: string, prefixLength: number): AddressPrefix {
  const start = new Address6(`${address}/${prefixLength}`).startAddress().correctForm();
  return { family: 6, address, prefixLength, subnet: `${start}/${prefixLength}`, broadcast: "" };
}

function prefix4(address: string, prefixLength: number): AddressPrefix {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  const start = number - (number % size);
  return {
    ...{ family: 4, address, prefixLength, subnet: `${dotted(start)}/${prefixLength}` },
    broadcast: prefixLength <= 30 ? dotted(start + size - 1) : "",
  };
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
