/**
 * A peer: FRR's bfdd, on the host and on the router. It detects silent failures, and moves nothing. Each card has a subnet of
 * its own, since a session goes where the routing table says.
 */
import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { FlowMeter, type FlowPlan, type UdpReport, udpReports } from "../support/flow.ts";
import { type Laboratory, monotonicNs, type Namespace } from "../support/laboratory.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Contestant, type Entrant, listen, quiet, withContestant } from "./contestant.ts";
import type { Effort, Measured } from "./experiment.ts";
import type { Household } from "./household.ts";

const PROGRAM = "/usr/lib/frr/bfdd";
/** It gives up root for this one, and can not be told not to. */
const USER = "frr";
const SETTLE_DEADLINE_MS = 30_000;
const NS_PER_MS = 1e6;
const INTERVAL_US = 100;

/** The last octets of each session. */
const HOST = 2;
const ROUTER = 1;

/** There is nothing that it could do with data addresses. */
export const SUBNET_EACH: Household = {
  dataAddresses: [],
  cardAddress: (card) => `${addressOf(card, HOST)}/24`,
  subnets: [],
  gateways: [],
  routerLines: Array.from({ length: 8 }, (_, card) => `address add ${addressOf(card, ROUTER)}/24 dev lan`),
};

function addressOf(card: number, octet: number): string {
  return `10.90.${card}.${octet}`;
}

interface Sessions extends Contestant {
  readonly up: ReadonlySet<string>;
  /** When the latest went down by its own log, wall clock in ms. */
  lastDownAt(): number;
}

/** `realtime`: in the real-time class, as our own thread is; it has no setting of its own for that. */
export function bfdd(realtime: boolean): Entrant<Sessions> {
  return {
    name: "bfdd",
    prepare: async (laboratory, { cardAddress }) => {
      const lines = laboratory.nics.map((card, index) => `address add ${cardAddress(index)} dev ${card}`);
      await laboratory.ip("host", lines);
    },
    launch: (laboratory) => launch(laboratory, realtime),
  };
}

function launch(laboratory: Laboratory, realtime: boolean): Sessions {
  // Both ends, or nobody answers. The laboratory ends the router's when it closes.
  listen(start(laboratory, "router", realtime));
  const child = start(laboratory, "host", realtime);
  const up = new Set<string>();
  let failures = 0;
  let lastDownAt = 0;
  const lastWords = listen(child, (line) => {
    // 2026/11/21 08:39:11.689842 BFD: [...] state-change: [mhop:no peer:10.90.0.1 ...] up -> down reason:control-expired
    const [, time = "", peer = "", from, to] = /^(\S+ \S+) .*\[.* peer:(\S+) .*\] (\S+) -> (\S+)/.exec(line) ?? [];
    if (to === "up") up.add(peer);
    if (from !== "up") return;
    up.delete(peer);
    failures++;
    lastDownAt = wallMs(time);
  });
  return {
    child,
    lastWords,
    up,
    failures: () => failures,
    lastDownAt: () => lastDownAt,
    settled: async () => {
      const all = laboratory.nics.length;
      await waitFor(
        "every session to be up",
        () => up.size,
        (count) => count === all,
        SETTLE_DEADLINE_MS,
      );
    },
  };
}

function start(laboratory: Laboratory, namespace: Namespace, realtime: boolean): ChildProcess {
  const directory = `${laboratory.directory}/bfdd-${namespace}`;
  mkdirSync(directory);
  const file = `${directory}/bfdd.conf`;
  writeFileSync(file, configuration(laboratory.nics, namespace === "host" ? [HOST, ROUTER] : [ROUTER, HOST]));
  chmodSync(laboratory.directory, 0o711);
  execFileSync("chown", ["-R", USER, directory]);
  const sockets = ["--vty_socket", directory, "--bfdctl", `${directory}/control`, "--socket", `${directory}/zebra`];
  const words = [PROGRAM, "--config_file", file, "--pid_file", `${directory}/pid`, ...sockets, "--vty_port", "0"];
  const scheduling = realtime ? ["chrt", "--fifo", "10"] : [];
  return laboratory.spawn(namespace, [...scheduling, ...words, "--log", "stdout", "--log-level", "debug"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TZ: "UTC" },
  });
}

/** 10 ms is the shortest interval that it takes. */
function configuration(nics: readonly string[], [own, other]: readonly [number, number]): string {
  const peers = nics.map(
    (_, card) => ` peer ${addressOf(card, other)} local-address ${addressOf(card, own)}
  transmit-interval 10
  receive-interval 10
  detect-multiplier 3
 exit
`,
  );
  return `log timestamp precision 6\ndebug bfd peer\nbfd\n${peers.join("")}exit\n`;
}

/** Of its log's form, with the microseconds that Date would drop. */
function wallMs(time: string): number {
  const [seconds = "", fraction = "0"] = time.split(".");
  return Date.parse(`${seconds.replaceAll("/", "-").replace(" ", "T")}Z`) + Number(`0.${fraction}`) * 1000;
}

/** Adds up to a wall clock in ms with the monotonic clock: taken at a tick, for Date knows nothing shorter. */
function wallOffsetMs(): number {
  const before = Date.now();
  for (;;) {
    const now = Date.now();
    if (now !== before) return now - monotonicNs() / NS_PER_MS;
  }
}

/** In and out by the first card: from these one sees when the black hole began. */
function flows(): FlowPlan[] {
  const host = { namespace: "host", address: addressOf(0, HOST) } as const;
  const router = { namespace: "router", address: addressOf(0, ROUTER) } as const;
  return [
    { name: "in4", kind: "udp", from: router, to: host },
    { name: "out4", kind: "udp", from: host, to: router },
  ];
}

/** From the first lost packet of the first card until its session is down, again and again. */
export async function blackHoleDetection(realtime: boolean, { runs }: Effort): Promise<Measured> {
  const detected = await withContestant(bfdd(realtime), { nics: 2 }, SUBNET_EACH, async (laboratory, contestant) => {
    const meter = await FlowMeter.start(laboratory, flows(), INTERVAL_US);
    const times: number[] = [];
    while (times.length < runs) times.push(await detectionMs(laboratory, contestant, meter));
    return times;
  });
  return { series: { in4: detected, out4: detected }, notes: ["detection only: it moves nothing"] };
}

async function detectionMs(laboratory: Laboratory, contestant: Sessions, meter: FlowMeter): Promise<number> {
  await quiet();
  await contestant.settled();
  await meter.mark();
  const [card = ""] = laboratory.nics;
  await laboratory.blackhole(card);
  const peer = addressOf(0, ROUTER);
  await waitFor(
    "the session to go down",
    () => contestant.up.has(peer),
    (isUp) => !isUp,
  );
  const offsetMs = wallOffsetMs();
  const reports = udpReports(await meter.report());
  await laboratory.heal(card);
  return contestant.lastDownAt() - offsetMs - firstLostNs(reports) / NS_PER_MS;
}

/** The machine may lose a packet of its own; the hole is what lasts until now. */
function firstLostNs(reports: readonly UdpReport[]): number {
  return Math.min(...reports.map(({ lostRuns }) => lostRuns.at(-1)?.fromNs ?? Number.POSITIVE_INFINITY));
}
