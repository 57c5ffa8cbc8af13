import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Memory } from "../../../src/core/memory.ts";
import { Store } from "../../../src/daemon/store.ts";
import { originOf } from "../../../src/host/origin.ts";

const ORIGIN = originOf("41", "/proc/self/ns/net");
const NOBODY = { failed: assert.fail, recovered: assert.fail };

function memory(...offline: string[]): Memory {
  const rest = {
    group: "g",
    failed: false,
    reason: "administrator",
    failedFor: "link-down",
    since: 1.5,
    ups: [0.5],
    heldDown: 2,
  } as const;
  return { members: offline.map((name) => ({ interface: name, offline: true, ...rest })) };
}

describe("state file", () => {
  let directory: string;
  let file: string;
  let complaints: string[];
  let recoveries: string[];
  let store: Store;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ipmp-store-"));
    file = join(directory, "state-1.json");
    complaints = [];
    recoveries = [];
    store = new Store(file, ORIGIN, {
      failed: (text) => complaints.push(text),
      recovered: (text) => recoveries.push(text),
    });
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("is remembered by the next daemon, and nothing but it is left", async () => {
    store.keep(memory("eth0"));
    await store.written();
    assert.deepEqual(new Store(file, ORIGIN, NOBODY).read(), memory("eth0"));
    assert.deepEqual(readdirSync(directory), ["state-1.json"]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("is not needed for a first start", async () => {
    assert.equal(store.read(), undefined);
    await store.written();
    assert.deepEqual([readdirSync(directory), complaints], [[], []]);
  });

  it("holds the newest of many, and writes those between at most in part", async () => {
    for (let count = 1; count <= 500; count++) store.keep(memory(`eth${count}`));
    await store.written();
    assert.deepEqual(store.read(), memory("eth500"));
  });

  it("takes what comes while it is written", async () => {
    store.keep(memory("eth0"));
    const first = store.written();
    await Promise.resolve();
    store.keep(memory("eth1"));
    await first;
    await store.written();
    assert.deepEqual(store.read(), memory("eth1"));
  });

  it("ends with the boot", async () => {
    store.keep(memory("eth0"));
    await store.written();
    const kept = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...kept, bootId: "another" }));
    assert.equal(store.read(), undefined);
    assert.deepEqual(complaints, []);
  });

  for (const [what, text] of [
    ["torn", '{"version":1,"bootId":"b","mem'],
    ["empty", ""],
    ["foreign", '{"oldValues":{}}'],
  ] as const) {
    it(`is put aside when ${what}, with a word about the loss`, async () => {
      writeFileSync(file, text);
      assert.equal(store.read(), undefined);
      assert.deepEqual(readdirSync(directory), ["state-1.json.bad"]);
      assert.equal(readFileSync(`${file}.bad`, "utf8"), text);
      assert.equal(complaints.length, 1);
      assert.match(
        complaints[0] ?? "",
        /state-1\.json is not understood: .*put aside as .*state-1\.json\.bad\. .*in service again/,
      );
    });
  }

  for (const time of ["1e300", "1e999", "-1e300", "1e18"]) {
    it(`is put aside with ${time} as a time, which nobody can wait for or show`, async () => {
      store.keep(memory("eth0"));
      await store.written();
      writeFileSync(file, readFileSync(file, "utf8").replace("1.5", time));
      assert.equal(store.read(), undefined);
      assert.deepEqual(readdirSync(directory), ["state-1.json.bad"]);
      assert.match(complaints[0] ?? "", /members\[0\]\.since can not be/);
    });
  }

  it("stays as it was where a time is no number, and somebody hears of it", async () => {
    store.keep(memory("eth0"));
    await store.written();
    const [member] = memory("eth1").members;
    store.keep({ members: [{ ...(member ?? assert.fail()), ups: [Number.POSITIVE_INFINITY] }] });
    await store.written();
    assert.deepEqual(store.read(), memory("eth0"));
    assert.match(complaints[0] ?? "", /members\[0\]\.ups can not be/);
  });

  it("is put aside when it is none: a folder, a pipe, or far too long", async () => {
    mkdirSync(join(file, "sub"), { recursive: true });
    assert.equal(store.read(), undefined);
    execFileSync("mkfifo", [file]);
    assert.equal(store.read(), undefined);
    writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 32));
    assert.equal(store.read(), undefined);
    assert.deepEqual(readdirSync(directory), ["state-1.json.bad"]);
    assert.match(complaints[0] ?? "", /no regular file|EISDIR/);
    assert.match(complaints[1] ?? "", /found no regular file/);
    assert.match(complaints[2] ?? "", /found 17825792 bytes, wanted at most 16777216/);
  });

  it("that can not be written is complained about once, and written when it can be", async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "in the place of the folder");
    for (const name of ["eth0", "eth1"]) {
      store.keep(memory(name));
      await store.written();
    }
    assert.equal(complaints.length, 1);
    assert.match(
      complaints[0] ?? "",
      /^The state can not be kept in .* is no directory.* It is tried again until it works$/,
    );
    store.tryAgain();
    await store.written();
    assert.deepEqual([complaints.length, recoveries.length], [1, 0]);
    rmSync(directory);
    store.tryAgain();
    await store.written();
    assert.deepEqual(store.read(), memory("eth1"), "its folder was made as well");
    assert.deepEqual(recoveries, [`The state can be kept in ${file} again, and is`]);
    store.tryAgain();
    await store.written();
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "once more");
    store.keep(memory("eth3"));
    await store.written();
    assert.equal(complaints.length, 2, "a new failure is news");
  });

  it("belongs to one namespace, whatever number another one has", async () => {
    store.keep(memory("eth0"));
    await store.written();
    assert.equal(new Store(file, { ...ORIGIN, namespace: "42" }, NOBODY).read(), undefined);
    assert.deepEqual(store.read(), memory("eth0"));
  });

  it("of an earlier version is read where it was written since the namespace got its number", async () => {
    store.keep(memory("eth0"));
    await store.written();
    const { namespace: _, ...former } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(former));
    const since = (sinceMs: number) => new Store(file, { ...ORIGIN, sinceMs }, NOBODY).read();
    assert.deepEqual(since(Date.now() - 3_600_000), memory("eth0"));
    assert.equal(since(Date.now() + 3_600_000), undefined);
  });

  it("is gone after its removal, with its draft", async () => {
    writeFileSync(`${file}.new`, "{");
    store.keep(memory("eth0"));
    await store.remove();
    await store.remove();
    assert.deepEqual(readdirSync(directory), []);
  });

  it("is never seen half written", async () => {
    store.keep(memory("eth0"));
    await store.written();
    const long = memory(...Array.from({ length: 500 }, (_, index) => `eth${index}`));
    store.keep(long);
    let done = false;
    const written = store.written().then(() => {
      done = true;
    });
    do {
      const seen = new Store(file, ORIGIN, NOBODY).read();
      assert.ok(seen?.members.length === 1 || seen?.members.length === 500);
      await new Promise(setImmediate);
    } while (!done);
    await written;
  });
});
