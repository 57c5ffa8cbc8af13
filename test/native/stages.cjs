/**
 * One situation of an addon's life per run: `node stages.cjs STAGE`, in a network namespace of its own. Ends with exit
 * code 0 where the addon behaved. Plain JavaScript, so that nothing but the addon starts in the many environments.
 */
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { isMainThread, parentPort, Worker, workerData } = require("node:worker_threads");
const assert = require("node:assert/strict");

const addon = process.env.IPMP_NATIVE
  ? require(process.env.IPMP_NATIVE)
  : require("node-gyp-build")(join(__dirname, "../.."));
const LOOPBACK = 1;
const ROOMY = { netns: "", realtime: true, ringBytes: 1 << 20, receiveBufferBytes: 1 << 20 };

function open(callback, options = {}) {
  const engine = new addon.KernelEngine({ ...ROOMY, ...options }, (notices, overrun) => {
    setImmediate(() => engine.drain());
    callback(notices, overrun);
  });
  return engine;
}

function addresses(op, count) {
  return Array.from({ length: count }, (_, i) => ({
    op,
    index: LOOPBACK,
    family: 4,
    address: `198.18.${i >> 8}.${i & 255}`,
    prefixLength: 32,
    scope: "host",
    deprecated: false,
    replace: true,
  }));
}

/** Makes the kernel report `count` new and as many removed addresses. */
function makeNoise(engine, count = 20) {
  engine.apply(addresses("set-address", count));
  engine.apply(addresses("remove-address", count));
}

function plan() {
  const announcement = { index: LOOPBACK, hardwareAddress: "02:00:00:00:00:01", family: 4, address: "198.18.0.1" };
  return { index: LOOPBACK, members: [LOOPBACK], announcements: [announcement], requests: addresses("set-address", 3) };
}

function inUse(callback = () => {}) {
  const engine = open(callback);
  engine.apply([{ op: "set-link-up", index: LOOPBACK }]);
  engine.watch([LOOPBACK]);
  engine.arm([plan()]);
  engine.dump(["lo"]);
  makeNoise(engine);
  return engine;
}

function startNoisyWorker() {
  return new Worker(__filename, { workerData: "noisy" });
}

function onceMessage(worker) {
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

function noisyWorker() {
  let announced = false;
  const engine = inUse(() => {
    if (!announced) parentPort.postMessage("noticed");
    announced = true;
  });
  const again = () => {
    makeNoise(engine);
    engine.arm([plan()]);
    setImmediate(again);
  };
  again();
}

const stages = {
  "exit after loading": () => process.exit(0),
  "exit after opening": () => {
    open(() => {});
    process.exit(0);
  },
  "exit in full use": () => {
    inUse();
    process.exit(0);
  },
  "exit in the callback": () => {
    inUse(() => process.exit(0));
  },
  "exit after closing": () => {
    inUse().close();
    process.exit(0);
  },
  "end by itself after closing": () => {
    const engine = inUse();
    engine.close();
    engine.close();
    assert.throws(() => engine.dump([]), /closed/);
  },
  "close in the callback": () => {
    let calls = 0;
    const engine = inUse(() => {
      calls += 1;
      engine.close();
    });
    process.on("exit", () => assert.equal(calls, 1));
  },
  "throw in the callback": () => {
    let thrown = 0;
    process.on("uncaughtException", (error) => {
      assert.equal(error.message, "on purpose");
      thrown += 1;
      if (thrown === 3) process.exit(0);
      makeNoise(engine);
    });
    const engine = inUse(() => {
      throw new Error("on purpose");
    });
  },
  "refuse to open": () => {
    assert.throws(() => open(() => {}, { netns: "/nowhere" }), { errno: 2 });
    assert.throws(() => addon.sendDatagram("@nobody-listens", "READY=1", 0), { errno: 111 });
  },
  "refuse what has the wrong shape": () => {
    const engine = open(() => {});
    const [good] = addresses("set-address", 1);
    const bad = [
      null,
      7,
      {},
      { ...good, address: "192.0.2" },
      { ...good, prefixLength: 33 },
      { ...good, scope: "moon" },
    ];
    for (const request of bad) assert.throws(() => engine.apply([request]), TypeError);
    for (const names of [undefined, "lo", [1]]) assert.throws(() => engine.dump(names), TypeError);
    assert.throws(() => engine.arm([{ ...plan(), requests: [{ op: "set-setting" }] }]), TypeError);
    assert.throws(() => engine.announce([{ ...plan().announcements[0], hardwareAddress: "" }]), TypeError);
    engine.close();
  },
  "open and close many": () => {
    for (let i = 0; i < 100; i += 1) inUse().close();
    assert.equal(readdirSync("/proc/self/task").length, threadsAtStart);
  },
  "several engines at once": async () => {
    const heard = Array.from({ length: 4 }, () => new Promise((resolve) => engines.push(open(resolve))));
    makeNoise(engines[0]);
    await Promise.all(heard);
    for (const engine of engines) engine.close();
  },
  "two environments": async () => {
    const worker = startNoisyWorker();
    await new Promise((resolve) => {
      const engine = inUse(resolve);
      engines.push(engine);
    });
    await onceMessage(worker);
    engines[0].close();
    await worker.terminate();
  },
  "terminate fifty workers": async () => {
    for (let i = 0; i < 50; i += 1) {
      const worker = startNoisyWorker();
      // Every other one dies at some moment of its start, the rest in full use.
      if (i % 2 === 0) await onceMessage(worker);
      await worker.terminate();
    }
  },
  "exit with a worker in full use": async () => {
    await onceMessage(startNoisyWorker());
    process.exit(0);
  },
  "descriptors are not inherited": () => {
    const before = new Set(readdirSync("/proc/self/fd"));
    const engine = inUse();
    const opened = readdirSync("/proc/self/fdinfo").filter((fd) => !before.has(fd));
    const flags = opened.flatMap((fd) => readFlags(fd));
    assert.ok(flags.length >= 8, `expected the engine's descriptors, found ${flags.length}`);
    for (const value of flags) assert.ok(value & 0o2000000, `flags ${value.toString(8)} lack O_CLOEXEC`);
    engine.close();
  },
  "overrun of the ring": () => overrunWith({ ringBytes: 256 }),
  "overrun of the socket": () => overrunWith({ receiveBufferBytes: 2304, ringBytes: 1 << 26, realtime: false }),
  "a storm that does not end leaves the event loop its turns": () => {
    const worker = startNoisyWorker();
    let overruns = 0;
    const turns = countTurns();
    const listen = (_, overrun) => {
      turns.called();
      if (overrun) overruns += 1;
      if (turns.count() > 100 && overruns > 0) {
        turns.end();
        engine.close();
        void worker.terminate();
        return;
      }
      // Slower than the storm, so that the ring is never empty.
      makeNoise(engine, 2000);
    };
    const engine = open(listen, { ringBytes: 1 << 18 });
  },
  ...require("./prober-stages.cjs")(addon, { onceMessage, readFlags, countTurns }),
  ...require("./refusal-stages.cjs")(addon),
};

const threadsAtStart = readdirSync("/proc/self/task").length;
const engines = [];

/** Rings may come once in each turn of the event loop, and once it is asked whether there is more. */
function countTurns() {
  let calls = 0;
  let turns = 0;
  let ended = false;
  const next = () => {
    calls = 0;
    turns += 1;
    if (!ended) setImmediate(next);
  };
  next();
  return {
    called: () => {
      calls += 1;
      assert.ok(calls <= 2, "it was called again before the event loop had its turn");
    },
    count: () => turns,
    end: () => {
      ended = true;
    },
  };
}

function readFlags(fd) {
  try {
    const [, octal] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
    return [Number.parseInt(octal, 8)];
  } catch {
    return []; // the descriptor with which the folder was listed is gone by now
  }
}

/** A storm must come out as `overrun`, after all notices that were kept, and what comes later must be heard again. */
function overrunWith(options) {
  let overruns = 0;
  const engine = open((notices, overrun) => {
    if (overruns > 0 && notices.some((notice) => notice.kind === "address-removed")) {
      assert.ok(engine.status().dropped > 0);
      return engine.close();
    }
    if (!overrun) return;
    overruns += 1;
    // Few enough to be heard, and made again after each overrun: what was lost is never told again.
    engine.apply([...addresses("set-address", 1), ...addresses("remove-address", 1)]);
  }, options);
  // A thread on a processor of its own may keep up with one storm.
  while (engine.status().dropped === 0) makeNoise(engine, 5000);
}

if (!isMainThread && workerData === "noisy") noisyWorker();
else if (process.argv[2] === "--list") console.log(Object.keys(stages).join("\n"));
else void stages[process.argv[2]]();
