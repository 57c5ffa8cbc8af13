/**
 * A local user without any right who wants the daemon's memory, descriptors and time: `node hostile-client.mjs KIND SOCKET`.
 * Says "at it" when the attack is under way, and goes on until it is ended, for a minute at most.
 */
import { connect } from "node:net";

const NOBODY = 65534;
const LONGEST_MS = 60_000;
/** Of one process. */
const MOST_CONNECTIONS = 50_000;

const SNAPSHOT = "GET /v1/snapshot HTTP/1.1\r\n\r\n";

/** How many connections at once, what is written first, what then without end, and whether anything is read. */
const ATTACKS = {
  "slow-reader": { connections: 24, first: "", endless: SNAPSHOT.repeat(1000) },
  "one-slow-reader": { connections: 1, first: "", endless: SNAPSHOT.repeat(1000) },
  "unread-pipelining": { connections: 24, first: SNAPSHOT.repeat(8) },
  "endless-body": {
    connections: 24,
    first: "POST /v1/reload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    endless: `4000\r\n${"x".repeat(0x4000)}\r\n`,
  },
  "endless-headers": { connections: 24, first: "GET /v1/snapshot HTTP/1.1\r\n", endless: `X: ${"x".repeat(1000)}\r\n` },
  "all-streams": { connections: 48, first: "GET /v1/events HTTP/1.1\r\n\r\n".repeat(6) },
  "all-probe-streams": { connections: 48, first: "GET /v1/probes/stream HTTP/1.1\r\n\r\n" },
  "thousand-connections": { connections: 1000, first: "" },
  "half-requests": { connections: 100, first: "GET /v1/snap" },
  "half-open": { connections: 100, first: SNAPSHOT, ends: true },
  garbage: { connections: 24, first: "", endless: "\u0000\u0016\u0003\u0001\r\n\r\n{}[]".repeat(1000) },
  // Quick, and reads all: what an honest script does that has gone mad.
  "busy-reader": { connections: 24, first: SNAPSHOT, again: SNAPSHOT, reads: true },
};

const [kind = "", path = ""] = process.argv.slice(2);
const attack = ATTACKS[kind];
if (attack === undefined) throw new Error(`there is no attack "${kind}"`);
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
setTimeout(() => process.exit(0), LONGEST_MS);

let made = 0;
let arrived = 0;

function begin() {
  if (++made > MOST_CONNECTIONS) return;
  const socket = connect({ path, allowHalfOpen: true });
  socket.on("error", () => socket.destroy());
  // A moment later: whoever is turned away at once must not spin.
  socket.on("close", () => setTimeout(begin, 10));
  socket.once("connect", () => {
    if (++arrived === attack.connections) process.stdout.write("at it\n");
  });
  if (attack.reads) socket.on("data", () => attack.again && socket.write(attack.again));
  socket.write(attack.first);
  if (attack.ends) socket.end();
  if (attack.endless) {
    const more = () => {
      while (!socket.destroyed && socket.write(attack.endless));
    };
    socket.on("drain", more);
    more();
  }
}

for (let i = 0; i < attack.connections; i += 1) begin();
