/** Random configurations: one or two groups over the NICs that a run has. */
import type { Configuration } from "../../src/core/configuration.ts";
import type { Random } from "../support/random.ts";
import { parseConfiguration } from "../support/simulated-configuration.ts";

export const NIC_NAMES = ["eth0", "eth1", "eth2", "eth3", "eth4"] as const;

/** Groups of disjoint NICs, each with a subnet of its own. */
export function randomConfiguration(random: Random): Configuration {
  const names = [...NIC_NAMES];
  const first = names.splice(0, 1 + random.below(names.length));
  const lines = [randomGroup(random, "g0", first, "192.0.2", "2001:db8:a")];
  if (names.length > 0 && random.chance(0.4)) lines.push(randomGroup(random, "g1", names, "198.51.100", "2001:db8:b"));
  return parseConfiguration(lines);
}

function randomGroup(random: Random, name: string, nics: readonly string[], net4: string, net6: string): string {
  const members = nics.map((nic, at) => randomMember(random, nic, `${net4}.${20 + at}/24`));
  const addresses = [
    ...Array.from({ length: 1 + random.below(4) }, (_, at) => `${net4}.${10 + at}/24`),
    ...Array.from({ length: random.below(3) }, (_, at) => `${net6}::${10 + at}/64`),
  ].map((address) => (random.chance(0.15) ? `${address}@${random.pick(nics)}` : address));
  const clauses = [
    // Different destinations: two groups that claim one route are refused before they come to the machine.
    name === "g0" ? `default via ${net4}.1` : `10.0.0.0/8 via ${net4}.2 metric 50`,
    `failback ${random.chance(0.7) ? "yes" : "no"}`,
    `interface ${random.chance(0.5) ? "yes" : "no"}`,
    `spread ${random.pick(["l3", "l4", "none"])}`,
  ];
  return `${name}: ${members.join(" ")}; ${addresses.join(" ")}; ${clauses.join("; ")}`;
}

function randomMember(random: Random, nic: string, testAddress: string): string {
  return `${nic}${random.chance(0.3) ? "/standby" : ""}${random.chance(0.3) ? `/${testAddress}` : ""}`;
}
