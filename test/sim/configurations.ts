/** Random configurations: one or two groups over the NICs that a run has, and the hosts and routers of their link. */
import type { Configuration } from "../../src/core/configuration.ts";
import type { Random } from "../support/random.ts";
import { parseConfiguration } from "../support/simulated-configuration.ts";
import type { SimulatedSegment } from "../support/simulated-segment.ts";

export const NIC_NAMES = ["eth0", "eth1", "eth2", "eth3", "eth4"] as const;

const NET4_OF = { g0: "192.0.2", g1: "198.51.100" } as const;
const NET6_OF = { g0: "2001:db8:a", g1: "2001:db8:b" } as const;
type GroupName = keyof typeof NET4_OF;

/** Test addresses may be in a subnet where nobody has a data address; both groups share it then. */
export const PRIVATE_NET4 = "10.100.0";
const FIRST_TEST_HOST = { g0: 20, g1: 40 } as const;

/** Routers, which answer no question to all hosts; and hosts, which do. Five at most are within anybody's reach. */
export function populate(segment: SimulatedSegment): void {
  for (const net of [...Object.values(NET4_OF), PRIVATE_NET4]) {
    for (const last of [1, 2]) segment.setHost(`${net}.${last}`, { answersMulticast: false });
    for (const last of [101, 102]) segment.setHost(`${net}.${last}`);
  }
  segment.setHost("fe80::1", { answersMulticast: false });
  for (const last of ["101", "102"]) segment.setHost(`fe80::${last}`);
}

/** Groups of disjoint NICs, each with a subnet of its own. */
export function randomConfiguration(random: Random): Configuration {
  const names = [...NIC_NAMES];
  const first = names.splice(0, 1 + random.below(names.length));
  const lines = [randomGroup(random, "g0", first)];
  if (names.length > 0 && random.chance(0.4)) lines.push(randomGroup(random, "g1", names));
  if (random.chance(0.2)) lines.push("track-ungrouped");
  return parseConfiguration(lines);
}

function randomGroup(random: Random, name: GroupName, nics: readonly string[]): string {
  const [net4, net6] = [NET4_OF[name], NET6_OF[name]];
  const tested = random.pick([0, 0.3, 0.9]) ?? 0;
  const testNet4 = random.chance(0.25) ? PRIVATE_NET4 : net4;
  const members = nics.map((nic, at) =>
    randomMember(random, nic, tested, [`${testNet4}.${FIRST_TEST_HOST[name] + at}/24`, `fe80::2${at}/64`]),
  );
  const addresses = [
    ...Array.from({ length: 1 + random.below(4) }, (_, at) => `${net4}.${10 + at}/24`),
    ...Array.from({ length: random.below(3) }, (_, at) => `${net6}::${10 + at}/64`),
  ].map((address) => (random.chance(0.15) ? `${address}@${random.pick(nics)}` : address));
  return `${name}: ${members.join(" ")}; ${addresses.join(" ")}; ${randomClauses(random, name, addresses, testNet4).join("; ")}`;
}

function randomClauses(random: Random, name: GroupName, addresses: readonly string[], testNet4: string): string[] {
  const net4 = NET4_OF[name];
  const detectionTime = random.pick([2, 5, 10]) ?? 10;
  // Different destinations: two groups that claim one route are refused before they come to the machine.
  const route = name === "g0" ? `default via ${net4}.1` : `10.0.0.0/8 via ${net4}.2 metric 50`;
  const hasIpv6 = addresses.some((address) => address.includes(":"));
  return [
    ...(random.chance(0.6) ? [route] : []),
    ...(name === "g0" && hasIpv6 && random.chance(0.3) ? ["default via fe80::1"] : []),
    ...(random.chance(0.2) ? [`targets ${testNet4}.101 fe80::101`] : []),
    `failback ${random.chance(0.7) ? "yes" : "no"}`,
    `interface ${random.chance(0.5) ? "yes" : "no"}`,
    `spread ${random.pick(["l3", "l4", "none"])}`,
    `fdt ${detectionTime}s`,
    `cap ${detectionTime * 3}s`,
    `fail-on ${random.chance(0.7) ? "all" : "any"}`,
    `flap ${random.pick(["2/5s", "1/8s", "off"])}`,
    `transitive ${random.chance(0.3) ? "yes" : "no"}`,
    ...(random.chance(0.15) ? [`delay ${random.pick(["1s", "5s"])}`] : []),
  ];
}

function randomMember(random: Random, nic: string, tested: number, testAddresses: readonly string[]): string {
  const tests = testAddresses.filter(() => random.chance(tested));
  return [nic, ...(random.chance(0.3) ? ["standby"] : []), ...tests].join("/");
}
