/** Stands in for the thread of status.sock: says that it listens, and dies of the first thing that it is told. */
import { parentPort, workerData } from "node:worker_threads";

if (workerData.path.endsWith("refused.sock")) {
  parentPort.postMessage({ type: "refused", code: "CANNOT_LISTEN", text: "the socket can not be opened" });
} else {
  parentPort.on("message", () => {
    throw new Error("killed by a client");
  });
  parentPort.postMessage({ type: "listening", inode: 0 });
  parentPort.postMessage({ type: "audience", kind: "events", anybody: true });
}
