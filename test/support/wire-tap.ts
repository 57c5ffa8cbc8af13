/**
 * Sees the frames that arrive at a card. Python, because Node has no packet sockets, the product's own reader would be no
 * independent witness, and Python is there wherever the addon was built.
 */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import type { Laboratory, Namespace } from "./laboratory.ts";
import { waitFor } from "./wait-for.ts";

/** ETH_P_ALL, and neither what the card itself sends nor UDP and TCP: behind ten thousand packets a second nothing else would be seen in time. */
const READER = `
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.bind((sys.argv[1], 0))
print("ready", flush=True)

def is_flow(frame):
    kind = frame[12:14]
    protocol = frame[23] if kind == b"\\x08\\x00" else frame[20] if kind == b"\\x86\\xdd" else 0
    return protocol in (socket.IPPROTO_UDP, socket.IPPROTO_TCP)

while True:
    frame, sender = s.recvfrom(2048)
    if sender[2] != socket.PACKET_OUTGOING and not is_flow(frame): print(time.monotonic_ns(), frame.hex(), flush=True)
`;

interface Seen {
  /** On the monotonic clock. */
  readonly atNs: number;
  readonly frame: Buffer;
}

export class WireTap {
  #frames: Seen[] = [];

  /** Returns when it sees everything that arrives at `device`. */
  static async start(laboratory: Laboratory, namespace: Namespace, device: string): Promise<WireTap> {
    const tap = new WireTap();
    const { stdout } = laboratory.spawn(namespace, ["python3", "-c", READER, device], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(stdout);
    let ready = false;
    createInterface({ input: stdout }).on("line", (line) => {
      if (line === "ready") ready = true;
      else tap.#frames.push(seen(line));
    });
    await waitFor(
      "the wire tap",
      () => ready,
      (seen) => seen,
    );
    return tap;
  }

  /** Forgets what was seen so far. */
  clear(): void {
    this.#frames = [];
  }

  /** What `read` makes of the frames, without those it knows nothing of. */
  seen<Found>(read: (frame: Buffer) => Found | undefined): Found[] {
    return this.#frames.map(({ frame }) => read(frame)).filter((found) => found !== undefined);
  }

  /** When the first such frame arrived (monotonic ns); undefined where none has. */
  firstNs(is: (frame: Buffer) => boolean): number | undefined {
    return this.#frames.find(({ frame }) => is(frame))?.atNs;
  }
}

function seen(line: string): Seen {
  const [atNs = "", frame = ""] = line.split(" ");
  return { atNs: Number(atNs), frame: Buffer.from(frame, "hex") };
}

export interface Arp {
  readonly from: string;
  readonly to: string;
  readonly operation: "request" | "reply";
  readonly sender: string;
  readonly senderAddress: string;
  readonly target: string;
  readonly targetAddress: string;
}

export interface Advertisement {
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  readonly flags: readonly string[];
  readonly target: string;
  /** The link-layer address of the target link-layer address option. */
  readonly linkLayer: string;
}

const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

function mac(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function ipv4(bytes: Buffer): string {
  return bytes.join(".");
}

/** Eight groups without any shortening: the same address is always the same text. */
function ipv6(bytes: Buffer): string {
  return [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16)).join(":");
}

function ethernet(frame: Buffer): { to: string; from: string; type: number; rest: Buffer } {
  return {
    to: mac(frame.subarray(0, 6)),
    from: mac(frame.subarray(6, 12)),
    type: frame.readUInt16BE(12),
    rest: frame.subarray(14),
  };
}

/** RFC 826, Ethernet and IPv4. */
export function readArp(frame: Buffer): Arp | undefined {
  const { to, from, type, rest } = ethernet(frame);
  if (type !== ETHERTYPE.arp) return undefined;
  assert.equal(rest.subarray(0, 6).toString("hex"), "000108000604", "ARP of something else than IPv4 over Ethernet");
  return {
    from,
    to,
    operation: rest.readUInt16BE(6) === 1 ? "request" : "reply",
    sender: mac(rest.subarray(8, 14)),
    senderAddress: ipv4(rest.subarray(14, 18)),
    target: mac(rest.subarray(18, 24)),
    targetAddress: ipv4(rest.subarray(24, 28)),
  };
}

const NEIGHBOUR_ADVERTISEMENT = 136;
const ICMPV6 = 58;

/** RFC 4861, section 4.4. */
export function readAdvertisement(frame: Buffer): Advertisement | undefined {
  const { to, from, type, rest } = ethernet(frame);
  if (type !== ETHERTYPE.ipv6 || rest[6] !== ICMPV6 || rest[40] !== NEIGHBOUR_ADVERTISEMENT) return undefined;
  const flags = rest[44] ?? 0;
  const names = ["router", "solicited", "override"].filter((_, bit) => (flags & (0x80 >> bit)) !== 0);
  const option = rest.subarray(64);
  assert.equal(option.subarray(0, 2).toString("hex"), "0201", "no target link-layer address option");
  return {
    from,
    to,
    source: ipv6(rest.subarray(8, 24)),
    destination: ipv6(rest.subarray(24, 40)),
    hopLimit: rest[7] ?? 0,
    flags: names,
    target: ipv6(rest.subarray(48, 64)),
    linkLayer: mac(option.subarray(2, 8)),
  };
}

/** Addresses of an IPv4 packet and of the frame around it. */
export function readIpv4(frame: Buffer): { from: string; to: string; source: string; destination: string } | undefined {
  const { to, from, type, rest } = ethernet(frame);
  if (type !== ETHERTYPE.ipv4) return undefined;
  return { from, to, source: ipv4(rest.subarray(12, 16)), destination: ipv4(rest.subarray(16, 20)) };
}
