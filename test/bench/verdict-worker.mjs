// The control worker of the daemon with stamps at both ends: when the probing thread gave its verdict "lost", and when the first
// deed that follows from it leaves the loop. Tells the parent of `verdict` (us until this thread heard of it, and until the deed),
// `fine` (nothing is failed) and `failed`.
import { parentPort, workerData } from "node:worker_threads";

const { dist, configurationFile, settingsFile } = workerData;
const { loadConfig } = await import(`${dist}/config/index.js`);
const { Loop } = await import(`${dist}/daemon/loop.js`);
const { goFirst } = await import(`${dist}/daemon/priority.js`);
const { ThreadProber } = await import(`${dist}/daemon/thread-prober.js`);
const { native } = await import(`${dist}/kernel/native.js`);
const { RECORD, RECORD_KINDS } = await import(`${dist}/kernel/native-prober.js`);
const { Rtnetlink } = await import(`${dist}/kernel/rtnetlink.js`);

const LOST = RECORD_KINDS.indexOf("lost");
const NS_PER_MS = 1e6;
const US_PER_MS = 1000;

/** Of the batch that is being worked on, in monotonic ms: when its latest loss was found, and when we heard of it. */
let verdict;

function latestLoss(view, count) {
  let latest;
  for (let offset = 0; offset < count * RECORD.bytes; offset += RECORD.bytes) {
    if (view.getUint32(offset + RECORD.kind, true) === LOST) latest = view.getFloat64(offset + RECORD.handledAt, true);
  }
  return latest;
}

/** The addon's own class; everything that follows from a batch happens within its callback. */
class StampedProber extends native().Prober {
  constructor(options, callback) {
    const view = new DataView(options.records);
    super(options, (count, statistics) => {
      const foundAtMs = latestLoss(view, count);
      verdict = foundAtMs === undefined ? undefined : { foundAtMs, heardAtMs: nowMs() };
      callback(count, statistics);
      verdict = undefined;
    });
  }
}

function nowMs() {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

function stampDeed() {
  if (verdict === undefined) return;
  const { foundAtMs, heardAtMs } = verdict;
  const us = [heardAtMs, nowMs()].map((at) => (at - foundAtMs) * US_PER_MS);
  parentPort.postMessage({ type: "verdict", us });
  verdict = undefined;
}

/** Methods of the kernel port that move nothing. */
const NO_DEEDS = ["dump", "arm", "watch", "status", "close"];

function stamped(port) {
  return new Proxy(port, {
    get(_, name) {
      const method = port[name].bind(port);
      if (NO_DEEDS.includes(name)) return method;
      return (...words) => {
        stampDeed();
        return method(...words);
      };
    },
  });
}

function tellWhenFine({ snapshot }) {
  const isFine = snapshot.interfaces.every(({ state, active, flags }) => state === "ok" && active !== flags.standby);
  parentPort.postMessage({ type: isFine ? "fine" : "failed" });
}

goFirst();
const loop = new Loop(
  {
    kernel: (listener) => stamped(Rtnetlink.open({ realtime: true, settingsFile }, listener)),
    prober: (listener) => ThreadProber.open({ realtime: true }, listener, StampedProber),
  },
  {
    ...{ log: () => {}, settled: () => {}, keep: () => {}, answer: () => {}, stalled: () => {} },
    failed: (error) => {
      throw error;
    },
    changed: tellWhenFine,
  },
);
loop.configure(await loadConfig(configurationFile));
parentPort.once("message", () => {
  loop.close();
  parentPort.close();
});
