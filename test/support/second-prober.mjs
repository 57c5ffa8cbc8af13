// An ICMP echo prober on the npm package `raw-socket`: node second-prober.mjs ADDRESS...
// Sends an echo request to every address each 10 ms, and says so: `sent ADDRESS SEQUENCE`, `answered ADDRESS SEQUENCE`. Ends
// at the end of its input. In a process of its own, because the package hands its sockets on and fits into one thread only.
import { once } from "node:events";
import { isIPv6 } from "node:net";
import raw from "raw-socket";

const INTERVAL_MS = 10;
const IDENTIFIER = process.pid & 0xffff;
const HEADER_SIZE = 8;

/** What differs between the families; the kernel hands IPv4 packets over with their IP header. */
const FAMILIES = {
  4: { protocol: raw.Protocol.ICMP, request: 8, reply: 0, icmpOf: (packet) => packet.subarray((packet[0] & 15) * 4) },
  6: { protocol: raw.Protocol.ICMPv6, request: 128, reply: 129, icmpOf: (packet) => packet },
};

const targets = process.argv.slice(2);

function say(word, address, sequence) {
  process.stdout.write(`${word} ${address} ${sequence}\n`);
}

function fail(error) {
  console.error(error.message);
  process.exit(1);
}

function request(type, sequence) {
  const packet = Buffer.alloc(HEADER_SIZE);
  packet[0] = type;
  packet.writeUInt16BE(IDENTIFIER, 4);
  packet.writeUInt16BE(sequence, 6);
  // The kernel overwrites it in IPv6, where it covers the addresses as well.
  return raw.writeChecksum(packet, 2, raw.createChecksum(packet));
}

function open(family, addressFamily) {
  const { protocol, reply, icmpOf } = FAMILIES[family];
  const socket = raw.createSocket({ protocol, addressFamily });
  socket.on("error", fail);
  socket.on("message", (packet, source) => {
    const icmp = icmpOf(packet);
    if (icmp[0] !== reply || icmp.readUInt16BE(4) !== IDENTIFIER) return;
    say("answered", source, icmp.readUInt16BE(6));
  });
  return socket;
}

const sockets = { 4: open(4, raw.AddressFamily.IPv4), 6: open(6, raw.AddressFamily.IPv6) };
let sequence = 0;

const timer = setInterval(() => {
  for (const address of targets) {
    const family = isIPv6(address) ? 6 : 4;
    const packet = request(FAMILIES[family].request, sequence);
    // What can not be sent is a request without an answer.
    sockets[family].send(packet, 0, packet.length, address, () => {});
    say("sent", address, sequence);
  }
  sequence = (sequence + 1) & 0xffff;
}, INTERVAL_MS);

process.stdin.resume();
await once(process.stdin, "end");
clearInterval(timer);
for (const socket of Object.values(sockets)) socket.close();
