/** How long a contestant takes from being started until traffic for its addresses can flow, and until peers know where to send it. */
import { createInterface } from "node:readline";
import { type Laboratory, monotonicNs } from "../support/laboratory.ts";
import { end } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Entrant, type Shape, withHost } from "./contestant.ts";
import { bare, type Household } from "./household.ts";

const NS_PER_MS = 1e6;
const DEADLINE_MS = 20_000;

/**
 * One observer of both, so that nothing but what it sees is between two of its stamps: the kernel's notices of addresses (RTM_NEWADDR),
 * and the frames that leave the cards. Where it may, it goes before all ordinary processes.
 */
const OBSERVER = `
import os, select, socket, struct, time
RTMGRP_ADDRESSES, RTM_NEWADDR, IFA_ADDRESS, ARP = 0x10 | 0x100, 20, 1, 0x0806
try: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
except PermissionError: pass
notices = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
notices.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
notices.bind((0, RTMGRP_ADDRESSES))
frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

def told(message):
    at = 0
    while at + 16 <= len(message):
        length, kind = struct.unpack_from("=IH", message, at)
        if kind == RTM_NEWADDR:
            family, card = message[at + 16], struct.unpack_from("=I", message, at + 20)[0]
            attribute = at + 24
            while attribute + 4 <= at + length:
                size, name = struct.unpack_from("=HH", message, attribute)
                if name == IFA_ADDRESS:
                    yield socket.inet_ntop(family, message[attribute + 4:attribute + size]), card
                attribute += (size + 3) & ~3
        at += (length + 3) & ~3

def seen(frame, sender):
    if sender[2] != socket.PACKET_OUTGOING or sender[1] != ARP: return None
    source, target = frame[28:32], frame[38:42]
    return socket.inet_ntop(socket.AF_INET, source) if source == target else None

poll = select.poll()
for one in (notices, frames): poll.register(one, select.POLLIN)
print("ready", flush=True)
while True:
    for descriptor, _ in poll.poll():
        now = time.monotonic_ns()
        if descriptor == notices.fileno():
            for address, card in told(notices.recv(65536)):
                print("placed", now, address, socket.if_indextoname(card), flush=True)
        else:
            address = seen(*frames.recvfrom(2048))
            if address: print("announced", now, address, "", flush=True)
`;

export interface Start {
  /** From the start of the program until every data address is on a card, in ms. */
  readonly placedMs: number;
  /** Until the first gratuitous ARP for one of them leaves a card. */
  readonly announcedMs: number;
  /** From the first data address on a card to that. */
  readonly untoldMs: number;
}

interface Sight {
  readonly what: string;
  readonly atNs: number;
  readonly address: string;
  readonly card: string;
}

export function startOf(entrant: Entrant, shape: Shape, household: Household): Promise<Start> {
  return withHost(entrant, shape, household, async (laboratory) => {
    const sights = await observe(laboratory);
    const startedNs = monotonicNs();
    const contestant = entrant.launch(laboratory, household);
    try {
      const wanted = new Set(household.dataAddresses.map(bare));
      const placed = () =>
        sights.filter(({ what, address, card }) => {
          return what === "placed" && wanted.has(address) && laboratory.nics.includes(card);
        });
      const announced = () => sights.find(({ what, address }) => what === "announced" && wanted.has(address));
      const isOver = () =>
        announced() !== undefined && new Set(placed().map(({ address }) => address)).size === wanted.size;
      await waitFor("every data address to be placed, and one to be announced", isOver, (over) => over, DEADLINE_MS);
      const firsts = [...wanted].map((wish) => placed().find(({ address }) => address === wish)?.atNs ?? Number.NaN);
      const sinceMs = (fromNs: number, toNs: number) => (toNs - fromNs) / NS_PER_MS;
      const announcedNs = announced()?.atNs ?? Number.NaN;
      return {
        placedMs: sinceMs(startedNs, Math.max(...firsts)),
        announcedMs: sinceMs(startedNs, announcedNs),
        untoldMs: sinceMs(Math.min(...firsts), announcedNs),
      };
    } finally {
      await end(contestant.child);
    }
  });
}

/** What the observer sees from now on, as it comes; it ends with the laboratory. */
async function observe(laboratory: Laboratory): Promise<readonly Sight[]> {
  const sights: Sight[] = [];
  const { stdout } = laboratory.spawn("host", ["python3", "-c", OBSERVER], { stdio: ["ignore", "pipe", "inherit"] });
  if (stdout === null) throw new TypeError("standard output of the observer must be a pipe");
  let ready = false;
  createInterface({ input: stdout }).on("line", (line) => {
    const [what = "", atNs = "", address = "", card = ""] = line.split(" ");
    if (what === "ready") ready = true;
    else sights.push({ what, atNs: Number(atNs), address, card });
  });
  await waitFor(
    "the observer",
    () => ready,
    (is) => is,
  );
  return sights;
}
