/** Classes of the addon that are opened where the system refuses what they need, for `stages.cjs`. */
const { closeSync, openSync, readdirSync } = require("node:fs");
const { execFileSync } = require("node:child_process");
const assert = require("node:assert/strict");

const EMFILE = 24;
const EAGAIN = 11;
/** Far more than any class opens or starts, and than Node has open. */
const MANY = 64;
const DESCRIPTORS = 256;
/** What many constructors that fail would leave behind between them. */
const LARGE_BYTES = 8 << 20;
const ATTEMPTS = 80;

function open(addon, name, callback, size = 1 << 16) {
  if (name === "KernelEngine") {
    const options = { netns: "/proc/self/ns/net", realtime: true, ringBytes: size, receiveBufferBytes: 1 << 16 };
    return new addon.KernelEngine(options, callback);
  }
  const records = new ArrayBuffer(4096);
  return new addon.Prober({ netns: "/proc/self/ns/net", realtime: true, ringRecords: size / 64, records }, callback);
}

function inventory() {
  const [threads, descriptors] = ["task", "fd"].map((folder) => readdirSync(`/proc/self/${folder}`).length);
  return { threads, descriptors };
}

/** Opens again and again, with the first thing refused, then the second, ..., until nothing is; returns how often it was refused. */
function untilOpen(addon, name, refuse, expected) {
  open(addon, name, () => {}).close();
  const before = inventory();
  for (let nth = 1; nth < MANY; nth += 1) {
    const refusal = refusalOf(addon, name, refuse(nth));
    assert.deepEqual(inventory(), before, `left behind when number ${nth} was refused: ${refusal?.stack}`);
    if (refusal === undefined) return nth - 1;
    assert.equal(refusal.errno, expected, refusal.stack);
    assert.match(refusal.message, /^[a-z].*: /);
  }
  return assert.fail("it is refused for ever");
}

function refusalOf(addon, name, allow) {
  try {
    open(addon, name, () => {}).close();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    allow();
  }
}

function refuseThread(nth) {
  process.env.REFUSE_THREAD = String(nth);
  return () => {
    delete process.env.REFUSE_THREAD;
  };
}

/** All descriptors but so many are taken. */
function refuseDescriptors(left) {
  const taken = [];
  try {
    for (;;) taken.push(openSync("/dev/null"));
  } catch (error) {
    assert.equal(error.code, "EMFILE");
  }
  for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  return () => {
    for (const descriptor of taken) closeSync(descriptor);
  };
}

module.exports = (addon) => {
  const stages = {};
  for (const name of ["KernelEngine", "Prober"]) {
    stages[`${name}: no thread`] = () => {
      // One enters the namespace, the other one stays.
      assert.equal(untilOpen(addon, name, refuseThread, EAGAIN), name === "KernelEngine" ? 2 : 1);
    };
    stages[`${name}: no thread, and exit`] = () => {
      const allow = refuseThread(1);
      assert.throws(() => open(addon, name, () => {}), { errno: EAGAIN });
      allow();
      process.exit(0);
    };
    stages[`${name}: no descriptor`] = () => {
      execFileSync("prlimit", ["--pid", String(process.pid), `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`]);
      assert.ok(untilOpen(addon, name, (nth) => refuseDescriptors(nth - 1), EMFILE) >= 2);
    };
    stages[`${name}: no memory kept by what could not be opened`] = () => {
      const last = name === "KernelEngine" ? 2 : 1;
      const before = process.memoryUsage().rss;
      for (let i = 0; i < ATTEMPTS; i += 1) {
        refuseThread(`0${"0".repeat(i % 2)}${last}`);
        assert.throws(() => open(addon, name, () => {}, LARGE_BYTES), { errno: EAGAIN });
      }
      delete process.env.REFUSE_THREAD;
      assert.ok(process.memoryUsage().rss - before < (ATTEMPTS * LARGE_BYTES) / 2);
    };
  }
  return stages;
};
