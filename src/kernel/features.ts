/** What this machine lacks for us to work, told before the first change is made. */
import { readFileSync } from "node:fs";
import { constants, release } from "node:os";
import { errnoName } from "./errors.ts";
import { native } from "./native.ts";

export interface MachineFacts {
  /** As of uname -r, e.g. "6.1.0-18-amd64". */
  readonly kernelRelease: string;
  /** Effective capabilities of this process, one bit each. */
  readonly capabilities: bigint;
  /** 0 where the kernel answers a dump of next-hop objects, else an errno. */
  readonly nextHopErrno: number;
}

const CAPABILITIES = [
  { name: "CAP_NET_ADMIN", bit: 12n, purpose: "to change addresses and routes" },
  { name: "CAP_NET_RAW", bit: 13n, purpose: "to announce addresses and to probe targets" },
] as const;

/** IFA_PROTO: without it we could not tell our addresses from others' after a restart. */
const OLDEST_KERNEL = { major: 5, minor: 18 } as const;

/** One sentence with a remedy for each thing that is missing; empty where all is there. */
export function missingFeatures(facts: MachineFacts = machineFacts()): readonly string[] {
  return [...missingCapabilities(facts), ...kernelTooOld(facts), ...missingNextHops(facts)];
}

/** Reads the facts of this machine and process. */
export function machineFacts(): MachineFacts {
  const [, effective = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return {
    kernelRelease: release(),
    capabilities: BigInt(`0x${effective}`),
    nextHopErrno: native().probeNextHops(),
  };
}

function missingCapabilities({ capabilities }: MachineFacts): string[] {
  const missing = CAPABILITIES.filter(({ bit }) => ((capabilities >> bit) & 1n) === 0n);
  return missing.map(
    ({ name, purpose }) => `This process lacks ${name}, needed ${purpose}: run it as root or grant ${name} to it.`,
  );
}

function kernelTooOld({ kernelRelease }: MachineFacts): string[] {
  const [major = 0, minor = 0] = kernelRelease.split(".").map((part) => Number.parseInt(part, 10));
  const oldest = `${OLDEST_KERNEL.major}.${OLDEST_KERNEL.minor}`;
  if (major > OLDEST_KERNEL.major || (major === OLDEST_KERNEL.major && minor >= OLDEST_KERNEL.minor)) return [];
  return [
    `Linux ${oldest} or newer is needed to mark addresses as ours; this is ${kernelRelease}: upgrade the kernel.`,
  ];
}

function missingNextHops({ nextHopErrno }: MachineFacts): string[] {
  if (nextHopErrno === 0) return [];
  if (nextHopErrno === constants.errno.EOPNOTSUPP) {
    return ["This kernel has no next-hop objects, which carry outbound traffic: use one built with CONFIG_INET."];
  }
  return [
    `The kernel refused to list next-hop objects (${errnoName(nextHopErrno)}): check that rtnetlink is not blocked, ` +
      "e.g. by a seccomp filter or RestrictAddressFamilies= without AF_NETLINK.",
  ];
}
