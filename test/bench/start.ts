/** How long a contestant takes from being started until traffic for its addresses can flow, and until peers know where to send it. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { IpmpError } from "../../src/core/errors.ts";
import { type Laboratory, monotonicNs } from "../support/laboratory.ts";
import { end } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { readArp, WireTap } from "../support/wire-tap.ts";
import { type Entrant, type Shape, withHost } from "./contestant.ts";
import { bare, type Household } from "./household.ts";

const NS_PER_MS = 1e6;
const DEADLINE_MS = 20_000;

export interface Start {
  /** From the start of the program until every data address is on a card, in ms. */
  readonly placedMs: number;
  /** Until the first gratuitous ARP for one of them reaches the router. */
  readonly announcedMs: number;
}

export function startOf(entrant: Entrant, shape: Shape, household: Household): Promise<Start> {
  return withHost(entrant, shape, household, async (laboratory) => {
    const monitor = laboratory.spawn("host", ["ip", "monitor", "address"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await untilListening(laboratory, monitor);
      const tap = await WireTap.start(laboratory, "router", "lan");
      const placed = untilSeen(monitor, laboratory.nics, household);
      const startedNs = monotonicNs();
      const contestant = entrant.launch(laboratory, household);
      try {
        const [placedNs, announcedNs] = await Promise.all([placed, untilAnnounced(tap, household)]);
        return { placedMs: (placedNs - startedNs) / NS_PER_MS, announcedMs: (announcedNs - startedNs) / NS_PER_MS };
      } finally {
        await end(contestant.child);
      }
    } finally {
      await end(monitor);
    }
  });
}

/** When the first gratuitous ARP for a data address reached the router, in monotonic ns. */
async function untilAnnounced(tap: WireTap, household: Household): Promise<number> {
  const addresses = new Set(household.dataAddresses.map(bare));
  const isGratuitous = (frame: Buffer) => {
    const arp = readArp(frame);
    return arp !== undefined && arp.senderAddress === arp.targetAddress && addresses.has(arp.senderAddress);
  };
  const seen = () => tap.firstNs(isGratuitous) ?? 0;
  return await waitFor("a gratuitous ARP", seen, (atNs) => atNs > 0, DEADLINE_MS);
}

/** An address that comes is told of at once, to whoever listens. */
async function untilListening(laboratory: Laboratory, monitor: ChildProcess): Promise<void> {
  const heard = new Promise((resolve) => monitor.stdout?.once("data", resolve));
  for (let last = 1, listening = false; !listening; last++) {
    await laboratory.ip("host", [`address add 127.1.0.${last}/32 dev lo`]);
    listening = await Promise.race([heard.then(() => true), new Promise<false>((not) => setTimeout(not, 50, false))]);
  }
}

/** When the last of the data addresses was seen to be put on a card, in monotonic ns. */
function untilSeen(monitor: ChildProcess, cards: readonly string[], household: Household): Promise<number> {
  const missing = new Set(household.dataAddresses.map(bare));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new IpmpError("NOT_PLACED", `not placed within ${DEADLINE_MS} ms: ${[...missing].join(", ")}`));
    }, DEADLINE_MS);
    if (monitor.stdout === null) throw new TypeError("standard output of the monitor must be a pipe");
    createInterface({ input: monitor.stdout }).on("line", (line) => {
      // 2: eth0    inet 192.0.2.10/32 scope global eth0
      const [, card = "", address = ""] = /^\d+: (\S+)\s+inet6? ([^\s/]+)/.exec(line) ?? [];
      if (!cards.includes(card) || !missing.delete(address) || missing.size > 0) return;
      clearTimeout(timer);
      resolve(monotonicNs());
    });
  });
}
