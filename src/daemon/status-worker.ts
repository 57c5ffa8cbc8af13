/** Entry of the thread of status.sock. */
import { parentPort, workerData } from "node:worker_threads";
import { serveStatus } from "../control/status-door.ts";
import type { StatusOptions } from "../control/status-protocol.ts";
import { peerUser } from "../kernel/peer.ts";

const port = parentPort;
if (port === null) throw new Error("assertion failed: the thread of status.sock was started as a program of its own");
await serveStatus(port, workerData as StatusOptions, peerUser);
