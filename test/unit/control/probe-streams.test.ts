import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Client } from "../../../src/control/client.ts";
import type { ControlLimits } from "../../../src/control/limits.ts";
import type { ProbeEvent } from "../../../src/control/probes.ts";
import { misfit } from "../../../src/control/schema.ts";
import { SCHEMAS } from "../../../src/control/schemas.ts";
import { Doors } from "./doors.ts";
import { exchange, PROBE, SOURCE, until, Workshop } from "./support.ts";

const workshop = new Workshop();

/** A server whose source notes who follows probes: `probes` emits them. */
async function start(limits: Partial<ControlLimits> = {}) {
  const runtimeDir = await workshop.directory();
  const probes = new EventEmitter();
  let changes = 0;
  const followProbes = (listener: (event: ProbeEvent) => void) => {
    changes += 1;
    probes.on("probe", listener);
    return () => void probes.off("probe", listener);
  };
  const server = await Doors.start({ runtimeDir, source: { ...SOURCE, followProbes }, limits });
  workshop.later(() => server.close());
  const sockets = { control: join(runtimeDir, "control.sock"), status: join(runtimeDir, "status.sock") };
  const listeners = () => probes.listenerCount("probe");
  return { server, probes, runtimeDir, listeners, timesFollowed: () => changes, ...sockets };
}

/** Follows probes as a bare socket does, and reads the head of the answer. */
async function follow(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => socket.destroy());
  workshop.later(() => socket.destroy());
  socket.write("GET /v1/probes/stream HTTP/1.1\r\n\r\n");
  const [head] = await once(socket, "data");
  assert.match(String(head), /^HTTP\/1\.1 200 .*text\/event-stream/s);
  socket.pause();
  return socket;
}

describe("streams of probes", () => {
  afterEach(() => workshop.clean());

  it("have every single probe, as described, until the reader has had enough", async () => {
    const { server, probes, runtimeDir, listeners } = await start();
    const stop = new AbortController();
    const heard: ProbeEvent[] = [];
    const reader = (async () => {
      for await (const event of new Client({ runtimeDir }).followProbes(stop.signal)) {
        heard.push(event);
        assert.equal(misfit(SCHEMAS.ProbeEvent, event, "event", { exact: true }), undefined);
        if (heard.length === 2) stop.abort();
      }
    })();
    await until(() => listeners() === 1);
    const lost: ProbeEvent = { ...PROBE, kind: "lost", from: null, networkRoundTripMs: null, roundTripMs: null };
    for (const probe of [PROBE, lost]) probes.emit("probe", probe);
    await reader;
    assert.deepEqual(heard, [PROBE, lost]);
    await until(() => server.streams.open === 0);
  });

  it("let the daemon look at single probes only while anybody follows, through whichever socket", async () => {
    const { probes, listeners, timesFollowed, control, status } = await start();
    assert.equal(listeners(), 0);
    const first = await follow(control);
    const second = await follow(status);
    assert.deepEqual([listeners(), timesFollowed()], [2, 2]);
    for (const reader of [first, second]) reader.resume();
    const both = Promise.all([first, second].map((reader) => once(reader, "data")));
    probes.emit("probe", PROBE);
    for (const [data] of await both) assert.match(String(data), /event: probe\ndata: /);
    first.destroy();
    second.destroy();
    await until(() => listeners() === 0);
    await follow(status);
    assert.deepEqual([listeners(), timesFollowed()], [1, 3]);
  });

  it("cut off and count a client that does not read, and cease to look when it was the last", async () => {
    const { server, probes, listeners, status } = await start({ streamBufferBytes: 64 * 1024 });
    const slow = await follow(status);
    await until(
      () => server.streams.dropped === 1,
      () => probes.emit("probe", PROBE),
    );
    assert.deepEqual([server.streams.open, listeners()], [0, 0]);
    const closed = once(slow, "close");
    slow.resume();
    await closed;
  });

  it("count with those of events against the limit", async () => {
    const { status } = await start({ streams: 1 });
    const only = await follow(status);
    for (const path of ["/v1/probes/stream", "/v1/events"]) {
      const { status: code, body } = await exchange(status, path);
      assert.deepEqual([code, JSON.parse(body).code], [503, "TOO_MANY_STREAMS"]);
    }
    only.destroy();
  });

  it("are not looked at for a question that wants no body", async () => {
    const { status, timesFollowed } = await start();
    assert.equal((await exchange(status, "/v1/probes/stream", { method: "HEAD" })).status, 200);
    assert.equal(timesFollowed(), 0);
  });

  it("end with the server, which looks no more", async () => {
    const { server, runtimeDir, listeners } = await start();
    const next = new Client({ runtimeDir }).followProbes().next();
    await until(() => listeners() === 1);
    const ended = assert.rejects(next, { code: "PROTOCOL", message: "The daemon has ended the stream" });
    await server.close();
    await ended;
    assert.equal(listeners(), 0);
  });
});
