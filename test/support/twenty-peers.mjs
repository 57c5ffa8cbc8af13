/**
 * UDP between a host and many peers on its link, in one process a side.
 *
 *   twenty-peers.mjs echo PORT ADDRESS...              answers at each address, as soon and as long as it is there
 *   twenty-peers.mjs ask PORT FROM,... TO,...          asks every TO from every FROM; prints the pairs without an answer as JSON
 */
import { createSocket } from "node:dgram";

const [verb, port, ...words] = process.argv.slice(2);
/** How often each question is put, and how long its answer may take. */
const TRIES = 3;
const ANSWER_LIMIT_MS = 500;

const socketFor = (address) => createSocket(address.includes(":") ? "udp6" : "udp4");

function serve(address) {
  const socket = socketFor(address);
  socket.on("message", (text, from) => socket.send(text, from.port, from.address));
  socket.on("error", () => {
    socket.close();
    setTimeout(serve, 20, address);
  });
  socket.bind(Number(port), address);
}

/** True once `to` has answered `from`. */
function ask(from, to) {
  return new Promise((resolve) => {
    const socket = socketFor(from);
    let tries = 0;
    let timer;
    const end = (answered) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const put = () => {
      if (tries++ === TRIES) return end(false);
      timer = setTimeout(put, ANSWER_LIMIT_MS);
      socket.send("?", Number(port), to, () => {});
    };
    socket.on("message", () => end(true));
    socket.on("error", () => end(false));
    socket.bind(0, from, put);
  });
}

if (verb === "echo") words.forEach(serve);
else {
  const [froms, tos] = words.map((list) => list.split(","));
  const pairs = froms.flatMap((from) => tos.map((to) => [from, to]));
  const sameFamily = pairs.filter(([from, to]) => from.includes(":") === to.includes(":"));
  const answered = await Promise.all(sameFamily.map(([from, to]) => ask(from, to)));
  process.stdout.write(JSON.stringify(sameFamily.filter((_, at) => !answered[at]).map((pair) => pair.join(" -> "))));
}
