// node rate-of-raw-socket.mjs MILLISECONDS ADDRESS...
import raw from "raw-socket";
import { flood } from "./rate-of-window.mjs";

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const IDENTIFIER = process.pid & 0xffff;
const TIMEOUT_MS = 1000;

const [duration, ...targets] = process.argv.slice(2);
const socket = raw.createSocket({ protocol: raw.Protocol.ICMP });
/** By sequence number: whom to tell, and until when it may take. */
const underWay = new Map();
let sequence = 0;

function request() {
  const packet = Buffer.alloc(16);
  packet[0] = ECHO_REQUEST;
  packet.writeUInt16BE(IDENTIFIER, 4);
  packet.writeUInt16BE(sequence, 6);
  return raw.writeChecksum(packet, 2, raw.createChecksum(packet));
}

function end(number, isAnswered) {
  const probe = underWay.get(number);
  underWay.delete(number);
  probe?.done(isAnswered);
}

socket.on("message", (packet) => {
  const icmp = (packet[0] & 15) * 4;
  if (packet[icmp] !== ECHO_REPLY || packet.readUInt16BE(icmp + 4) !== IDENTIFIER) return;
  end(packet.readUInt16BE(icmp + 6), true);
});

function ask(target, done) {
  sequence = (sequence + 1) & 0xffff;
  const number = sequence;
  const packet = request();
  underWay.set(number, { done, until: performance.now() + TIMEOUT_MS });
  socket.send(packet, 0, packet.length, target, (error) => {
    if (error !== null) end(number, false);
  });
}

const sweeper = setInterval(() => {
  const now = performance.now();
  for (const [number, { until }] of [...underWay]) if (until < now) end(number, false);
}, TIMEOUT_MS / 4);

console.log(JSON.stringify(await flood(ask, targets, Number(duration))));
clearInterval(sweeper);
socket.close();
