import assert from "node:assert/strict";
import { once } from "node:events";
import { linkSync, lstatSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ControlError } from "../../../src/control/client.ts";
import { controlAccess, listenAt, makeRuntimeDirectory, removeIfSame } from "../../../src/control/socket-file.ts";
import { Doors } from "../control/doors.ts";
import { exchange, SOURCE, Workshop } from "./support.ts";

const workshop = new Workshop();
const fails = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof ControlError && error.code === code && text.test(error.message);

describe("socket files", () => {
  afterEach(() => workshop.clean());

  const start = async (runtimeDir: string) => {
    const server = await Doors.start({ runtimeDir, source: SOURCE });
    workshop.later(() => server.close());
    return server;
  };

  it("of a live daemon are left alone by a second one", async () => {
    const runtimeDir = await workshop.directory();
    await start(runtimeDir);
    const path = join(runtimeDir, "control.sock");
    const before = lstatSync(path).ino;
    await assert.rejects(start(runtimeDir), fails("ALREADY_RUNNING", /another instance of ipmpd .*control\.sock/));
    assert.equal(lstatSync(path).ino, before);
    assert.equal((await exchange(path, "/v1/groups")).status, 200);
    assert.deepEqual(readdirSync(runtimeDir).sort(), ["control.sock", "status.sock"]);
  });

  it("of which only one is taken leave nothing of the loser behind", async () => {
    const runtimeDir = await workshop.directory();
    await workshop.listen(join(runtimeDir, "status.sock"), (socket) => socket.end());
    await assert.rejects(start(runtimeDir), fails("ALREADY_RUNNING", /status\.sock/));
    assert.deepEqual(readdirSync(runtimeDir), ["status.sock"]);
  });

  it("left behind by a dead daemon are replaced", async () => {
    const runtimeDir = await workshop.directory();
    const path = join(runtimeDir, "control.sock");
    // A second name keeps the file when the listener closes, as a crash would.
    const crashed = createServer().listen(`${path}.old`);
    await once(crashed, "listening");
    linkSync(`${path}.old`, path);
    await new Promise((resolve) => crashed.close(resolve));
    assert.ok(lstatSync(path).isSocket());
    await start(runtimeDir);
    assert.equal((await exchange(path, "/v1/groups")).status, 200);
  });

  it("are won by exactly one of many that start at once", async () => {
    const runtimeDir = await workshop.directory();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => start(runtimeDir)));
    const losers = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    assert.deepEqual(losers, Array(7).fill("ALREADY_RUNNING"));
    assert.equal((await exchange(join(runtimeDir, "status.sock"), "/v1/groups")).status, 200);
  });

  it("are not put in the place of other files, nor at names too long", async () => {
    const runtimeDir = await workshop.directory();
    const path = join(runtimeDir, "control.sock");
    writeFileSync(path, "mine");
    await assert.rejects(start(runtimeDir), fails("CANNOT_LISTEN_YET", /no socket is in the way/));
    assert.equal(statSync(path).size, 4);
    await assert.rejects(start(join(runtimeDir, "x".repeat(90))), fails("CANNOT_LISTEN", /at most 107/));
    await assert.rejects(start(join(path, "below")), fails("CANNOT_LISTEN", /runtime directory .* ENOTDIR/));
  });

  it("are for later where their directory can not be made for now, and not for a missing parent", () => {
    const make = (path: string) => () => makeRuntimeDirectory(path);
    assert.throws(
      make("/sys/ipmp"),
      fails("CANNOT_LISTEN_YET", /^Cannot make the runtime directory \/sys\/ipmp: .*--runtime-dir$/),
    );
    assert.throws(make("/nowhere/ipmp"), fails("CANNOT_LISTEN", /ENOENT. Make its parent/));
  });

  it("are for the group ipmp where it exists, and for their owner alone where not", async () => {
    const directory = await workshop.directory();
    const groups = join(directory, "group");
    assert.deepEqual(await controlAccess(groups), { mode: 0o600 });
    writeFileSync(groups, "root:x:0:\nxipmp:x:5:\nipmp:x:7:somebody\n");
    assert.deepEqual(await controlAccess(groups), { mode: 0o660, group: 7 });
  });

  it("get the group and mode that they are given", async () => {
    const path = join(await workshop.directory(), "control.sock");
    const group = process.getuid?.() === 0 ? 7 : process.getgid?.();
    const server = createServer();
    const inode = await listenAt(server, path, { mode: 0o660, group });
    const { mode, gid } = statSync(path);
    assert.deepEqual([mode & 0o777, gid], [0o660, group]);
    await removeIfSame(path, inode);
    await new Promise((resolve) => server.close(resolve));
  });
});
