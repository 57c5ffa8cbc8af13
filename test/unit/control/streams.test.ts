import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Client } from "../../../src/control/client.ts";
import type { ControlEvent } from "../../../src/control/events.ts";
import type { ControlLimits } from "../../../src/control/limits.ts";
import { misfit } from "../../../src/control/schema.ts";
import { SCHEMAS } from "../../../src/control/schemas.ts";
import { Doors } from "./doors.ts";
import { exchange, SNAPSHOT, SOURCE, until, Workshop } from "./support.ts";

const workshop = new Workshop();
const TIME = "2026-01-02T03:04:05.678Z";
const EVENT: ControlEvent = {
  type: "message",
  time: TIME,
  level: "error",
  text: "The link has gone down on eth0",
  cause: "notices",
  message: { id: "link-down", interface: "eth0", group: "ipmp0" },
};

async function start(limits: Partial<ControlLimits> = {}) {
  const runtimeDir = await workshop.directory();
  const events = new EventEmitter();
  const server = await Doors.start({ runtimeDir, source: SOURCE, events, limits });
  workshop.later(() => server.close());
  return { server, events, runtimeDir, status: join(runtimeDir, "status.sock") };
}

/** Follows events as a bare socket does, and reads up to the first event. */
async function follow(path: string, times = 1): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => socket.destroy());
  workshop.later(() => socket.destroy());
  socket.write("GET /v1/events HTTP/1.1\r\n\r\n".repeat(times));
  let heard = "";
  const listen = (chunk: Buffer) => {
    heard += chunk;
  };
  socket.on("data", listen);
  await until(() => heard.includes("event: snapshot"));
  socket.off("data", listen);
  socket.pause();
  return socket;
}

describe("event streams", () => {
  afterEach(() => workshop.clean());

  it("begin with a snapshot and go on with everything that is emitted or published", async () => {
    const { server, events, runtimeDir } = await start();
    const stop = new AbortController();
    const heard: ControlEvent[] = [];
    for await (const event of new Client({ runtimeDir }).events(stop.signal)) {
      heard.push(event);
      assert.equal(misfit(SCHEMAS.Event, event, "event", { exact: true }), undefined);
      if (heard.length === 1) events.emit("event", EVENT);
      if (heard.length === 2)
        server.publish({ type: "group", time: TIME, name: "ipmp0", before: null, after: SNAPSHOT.groups[0] ?? null });
      if (heard.length === 3) stop.abort();
    }
    assert.deepEqual(
      heard.map(({ type }) => type),
      ["snapshot", "message", "group"],
    );
    assert.deepEqual(heard[1], EVENT);
    await until(() => server.streams.open === 0);
    assert.equal(server.streams.dropped, 0);
  });

  it("cut off and count a client that does not read, and spare one that does", async () => {
    const { server, runtimeDir, status } = await start({ streamBufferBytes: 64 * 1024 });
    const slow = await follow(status);
    const stop = new AbortController();
    let heard = 0;
    const reader = (async () => {
      for await (const event of new Client({ runtimeDir }).events(stop.signal))
        heard += event.type === "message" ? 1 : 0;
    })();
    await until(() => server.streams.open === 2);
    let published = 0;
    const publish = () => {
      server.publish(EVENT);
      published += 1;
    };
    await until(() => server.streams.dropped === 1, publish);
    await until(() => heard === published);
    assert.deepEqual(server.streams, { open: 1, dropped: 1 });
    const closed = once(slow, "close");
    slow.resume();
    await closed;
    stop.abort();
    await reader;
  });

  it("are refused beyond the limit, while other questions are answered", async () => {
    const { server, status } = await start({ streams: 2 });
    const [first] = await Promise.all([follow(status), follow(status)]);
    const { status: code, body } = await exchange(status, "/v1/events");
    assert.deepEqual([code, JSON.parse(body).code], [503, "TOO_MANY_STREAMS"]);
    assert.equal((await exchange(status, "/v1/groups")).status, 200);
    first.destroy();
    await until(() => server.streams.open === 1);
    await follow(status);
  });

  it("are one a connection, however often it is asked for, and end with it", async () => {
    const { server, status } = await start();
    const greedy = await follow(status, 3);
    await exchange(status, "/v1/groups");
    assert.equal(server.streams.open, 1);
    greedy.destroy();
    await until(() => server.streams.open === 0);
  });

  it("outlive the time that a plain connection may be idle", async () => {
    const { server, status } = await start({ requestTimeoutMs: 20 });
    const quiet = await follow(status);
    const idle = connect(status).resume();
    await once(idle, "close");
    assert.equal(server.streams.open, 1);
    assert.equal(quiet.destroyed, false);
  });

  it("begin with the snapshot also where something happens before there is one", async () => {
    const runtimeDir = await workshop.directory();
    const asked: ((snapshot: typeof SNAPSHOT) => void)[] = [];
    const snapshot = () => new Promise<typeof SNAPSHOT>((answer) => asked.push(answer));
    const server = await Doors.start({ runtimeDir, source: { ...SOURCE, snapshot } });
    workshop.later(() => server.close());
    const events = new Client({ runtimeDir }).events();
    const first = events.next();
    await until(() => asked.length === 1);
    server.publish(EVENT);
    asked[0]?.(SNAPSHOT);
    assert.equal((await first).value?.type, "snapshot");
    server.publish({ ...EVENT, text: "after it" });
    assert.deepEqual((await events.next()).value, { ...EVENT, text: "after it" });
    await events.return(undefined);
  });

  it("are hung up where the daemon has no snapshot to begin with", async () => {
    const runtimeDir = await workshop.directory();
    const broken = { ...SOURCE, snapshot: () => Promise.reject(new Error("the kernel is silent")) };
    const server = await Doors.start({ runtimeDir, source: broken });
    workshop.later(() => server.close());
    await assert.rejects(new Client({ runtimeDir }).events().next(), { code: "PROTOCOL" });
    await until(() => server.streams.open === 0);
  });

  it("end with the server, which leaves no listener behind", async () => {
    const { server, events, status } = await start();
    const socket = await follow(status);
    const closed = once(socket, "close");
    socket.resume();
    await server.close();
    await closed;
    assert.equal(events.listenerCount("event"), 0);
  });
});
