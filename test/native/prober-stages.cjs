/** The probing thread in situations of its own, for `stages.cjs`: `require("./prober-stages.cjs")(addon, helpers)`. */
const { readdirSync } = require("node:fs");
const { isMainThread, parentPort, Worker, workerData } = require("node:worker_threads");
const assert = require("node:assert/strict");

const LOOPBACK = 1;
const RECORDS = 256;
const RECORD_BYTES = 64;

module.exports = (addon, { onceMessage, readFlags, countTurns } = {}) => {
  function open(callback, options = {}) {
    const records = new ArrayBuffer(RECORDS * RECORD_BYTES);
    const all = { netns: "", realtime: true, ringRecords: 4096, records, ...options };
    const prober = new addon.Prober(all, (count, statistics) => {
      setImmediate(() => prober.drain());
      callback(count, statistics);
    });
    return { prober, kinds: new Uint32Array(records) };
  }

  function path(id, burst = 1) {
    const targets = [{ id: 1, address: "127.0.0.1", timeoutMs: 1 }];
    const rhythm = { intervalMs: 1, detectionIntervalMs: 1, burst, discover: true, secondOpinion: true };
    return { id, index: LOOPBACK, family: 4, method: "echo", source: "127.0.0.1", ...rhythm, targets };
  }

  /** The namespace's own loopback link is down: every probe is refused, and told at once. */
  function inUse(callback = () => {}) {
    const { prober } = open(callback);
    prober.change([path(1), path(2, 64), path(3)], []);
    prober.change([path(4)], [3]);
    prober.statistics();
    return prober;
  }

  function startProbingWorker() {
    return new Worker(__filename, { workerData: "probing" });
  }

  if (!isMainThread && workerData === "probing") {
    let told = false;
    const prober = inUse(() => {
      if (!told) parentPort.postMessage("told");
      told = true;
    });
    const again = () => {
      prober.change([path(1)], [2, 3, 4]);
      prober.change([path(2, 64), path(3), path(4)], [1]);
      prober.statistics();
      setImmediate(again);
    };
    again();
  }

  return {
    "prober: exit in full use": () => {
      inUse();
      process.exit(0);
    },
    "prober: exit in the callback": () => {
      inUse(() => process.exit(0));
    },
    "prober: end by itself after closing": () => {
      const prober = inUse();
      prober.close();
      prober.close();
      assert.throws(() => prober.change([], []), /closed/);
    },
    "prober: close in the callback": () => {
      let calls = 0;
      const prober = inUse(() => {
        calls += 1;
        prober.close();
      });
      process.on("exit", () => assert.equal(calls, 1));
    },
    "prober: throw in the callback": () => {
      let thrown = 0;
      process.on("uncaughtException", (error) => {
        assert.equal(error.message, "on purpose");
        thrown += 1;
        if (thrown === 3) process.exit(0);
      });
      inUse(() => {
        throw new Error("on purpose");
      });
    },
    "prober: a flood that does not end leaves the event loop its turns": () => {
      const turns = countTurns();
      const { prober } = open(() => {
        turns.called();
        if (turns.count() > 100) {
          turns.end();
          prober.close();
          return;
        }
        // Slower than the flood, so that the ring is never empty.
        prober.change([path(1, 1024), path(2, 1024)], []);
        prober.statistics();
      });
      prober.change([path(1, 1024)], []);
    },
    "prober: refuse to open": () => {
      assert.throws(() => open(() => {}, { netns: "/nowhere" }), { errno: 2 });
      assert.throws(() => open(() => {}, { records: undefined }), TypeError);
      assert.throws(() => open(() => {}, { records: new ArrayBuffer(63) }), TypeError);
    },
    "prober: refuse what has the wrong shape": () => {
      const { prober } = open(() => {});
      const good = path(1);
      const [target] = good.targets;
      const bad = [
        null,
        {},
        { ...good, source: "127.0.0" },
        { ...good, method: "smoke" },
        { ...good, method: "arp", source: "::1", targets: [] },
        { ...good, intervalMs: 0 },
        { ...good, intervalMs: -1 },
        { ...good, intervalMs: Number.NaN },
        { ...good, detectionIntervalMs: Number.POSITIVE_INFINITY },
        { ...good, burst: 0 },
        { ...good, burst: 1025 },
        { ...good, targets: [{ ...target, address: "::1" }] },
        { ...good, targets: [{ ...target, timeoutMs: 0 }] },
      ];
      for (const one of bad) assert.throws(() => prober.change([one], []), TypeError);
      for (const ids of [undefined, ["1"]]) assert.throws(() => prober.change([], ids), TypeError);
      prober.close();
    },
    "prober: open and close many": () => {
      const before = readdirSync("/proc/self/task").length;
      const descriptors = readdirSync("/proc/self/fd").length;
      for (let i = 0; i < 100; i += 1) inUse().close();
      assert.equal(readdirSync("/proc/self/task").length, before);
      assert.equal(readdirSync("/proc/self/fd").length, descriptors);
    },
    "prober: descriptors are not inherited": async () => {
      const before = new Set(readdirSync("/proc/self/fd"));
      const { prober } = open(() => {});
      // An ARP path opens its socket though the link is down.
      prober.change([{ ...path(1), method: "arp", source: "0.0.0.0" }], []);
      let opened = [];
      while (opened.length < 2) {
        opened = readdirSync("/proc/self/fd").filter((fd) => !before.has(fd));
        await new Promise(setImmediate);
      }
      const flags = opened.flatMap((fd) => readFlags(fd));
      for (const value of flags) assert.ok(value & 0o2000000, `flags ${value.toString(8)} lack O_CLOEXEC`);
      prober.close();
    },
    "prober: terminate fifty workers": async () => {
      for (let i = 0; i < 50; i += 1) {
        const worker = startProbingWorker();
        if (i % 2 === 0) await onceMessage(worker);
        await worker.terminate();
      }
    },
    "prober: exit with a worker in full use": async () => {
      await onceMessage(startProbingWorker());
      process.exit(0);
    },
  };
};

// As the program of a worker it loads the addon by itself.
if (!isMainThread && workerData === "probing") {
  const { join } = require("node:path");
  const { IPMP_NATIVE } = process.env;
  module.exports(IPMP_NATIVE ? require(IPMP_NATIVE) : require("node-gyp-build")(join(__dirname, "../..")));
}
