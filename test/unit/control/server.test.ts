import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { ControlError } from "../../../src/control/errors.ts";
import type { ControlLimits } from "../../../src/control/limits.ts";
import { OPENAPI_DOCUMENT } from "../../../src/control/openapi.ts";
import { misfit, type Schema } from "../../../src/control/schema.ts";
import { SCHEMAS } from "../../../src/control/schemas.ts";
import { Doors } from "./doors.ts";
import { CONFIGURATION, exchange, SNAPSHOT, SOURCE, shout, until, Workshop } from "./support.ts";

const workshop = new Workshop();

interface Running {
  readonly server: Doors;
  readonly control: string;
  readonly status: string;
}

async function start(
  limits: Partial<ControlLimits> = {},
  source = SOURCE,
  peerUser: (descriptor: number) => number = () => 0,
): Promise<Running> {
  const runtimeDir = await workshop.directory();
  const server = await Doors.start({ runtimeDir, source, limits, peerUser });
  workshop.later(() => server.close());
  return { server, control: join(runtimeDir, "control.sock"), status: join(runtimeDir, "status.sock") };
}

/** Status and code of an error answer; the whole form is checked. */
function refusal({ status, body }: { status: number | undefined; body: string }) {
  const error = JSON.parse(body);
  assert.equal(misfit(SCHEMAS.Error, error, "error", { exact: true }), undefined);
  return [status, error.code];
}

describe("control server", () => {
  afterEach(() => workshop.clean());

  it("answers the same on both sockets", async () => {
    const { control, status } = await start();
    for (const socket of [control, status]) {
      const { status: code, headers, body } = await exchange(socket, "/v1/snapshot");
      assert.deepEqual([code, headers["content-type"]], [200, "application/json"]);
      assert.deepEqual(JSON.parse(body), SNAPSHOT);
    }
  });

  it("listens at no address of a network (T172)", async () => {
    await start();
    const resources = process.getActiveResourcesInfo();
    assert.deepEqual([resources.includes("PipeWrap"), resources.includes("TCPServerWrap")], [true, false]);
  });

  it("answers the parts of the snapshot and the configuration", async () => {
    const { status } = await start();
    const json = async (path: string) => JSON.parse((await exchange(status, path)).body);
    assert.deepEqual(await json("/v1/groups"), SNAPSHOT.groups);
    assert.deepEqual(await json("/v1/interfaces"), SNAPSHOT.interfaces);
    assert.deepEqual(await json("/v1/addresses?family=4"), SNAPSHOT.addresses);
    assert.deepEqual(await json("/v1/targets"), SNAPSHOT.targets);
    assert.deepEqual(await json("/v1/config"), CONFIGURATION);
  });

  it("answers as its own description says, field for field", async () => {
    const { status } = await start();
    const document = JSON.parse((await exchange(status, "/v1/openapi.json")).body);
    assert.deepEqual(document, JSON.parse(JSON.stringify(OPENAPI_DOCUMENT)));
    const paths = Object.entries<Partial<(typeof OPENAPI_DOCUMENT.paths)["/v1/groups"]>>(document.paths);
    for (const [path, { get }] of paths) {
      const content = get?.responses["200"].content;
      // Streams go on.
      if (content === undefined || "text/event-stream" in content) continue;
      const described = content["application/json"]?.schema as Schema & { $ref?: string };
      const schema =
        described.$ref === undefined ? described : document.components.schemas[described.$ref.split("/").at(-1) ?? ""];
      const answer = JSON.parse((await exchange(status, path)).body);
      assert.equal(misfit(schema, answer, path, { exact: true }), undefined);
    }
  });

  it("answers HEAD without a body", async () => {
    const { status } = await start();
    const { status: code, headers, body } = await exchange(status, "/v1/groups", { method: "HEAD" });
    assert.deepEqual([code, body], [200, ""]);
    assert.equal(Number(headers["content-length"]), JSON.stringify(SNAPSHOT.groups).length + 1);
    assert.equal((await exchange(status, "/v1/events", { method: "HEAD" })).status, 200);
  });

  it("refuses unknown paths and methods in the one error form", async () => {
    const { status } = await start();
    for (const path of ["/", "/v1/nothing", "/constructor", "/v1/groups/", "//v1/groups", "*"]) {
      assert.deepEqual(refusal(await exchange(status, path)), [404, "UNKNOWN_PATH"]);
    }
    const posted = await exchange(status, "/v1/groups", { method: "POST" }, "{}");
    assert.deepEqual(refusal(posted), [405, "METHOD_NOT_ALLOWED"]);
    assert.equal(posted.headers.allow, "GET, HEAD");
  });

  it("takes no bodies when it is read", async () => {
    const { status } = await start();
    for (const headers of [{ "Content-Length": "2" }, { "Transfer-Encoding": "chunked" }]) {
      const reply = await exchange(status, "/v1/groups", { method: "GET", headers }, "{}");
      assert.deepEqual(refusal(reply), [413, "BODY_NOT_ALLOWED"]);
      assert.equal(reply.headers.connection, "close");
    }
  });

  it("refuses oversized and broken requests, and lives on", async () => {
    const { status } = await start();
    const large = await shout(status, `GET /v1/groups HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.match(large, /^HTTP\/1\.1 431 .*"code":"HEADERS_TOO_LARGE"/s);
    const broken = await shout(status, "\u0000\u0001 nonsense\r\n\r\n");
    assert.match(broken, /^HTTP\/1\.1 400 .*"code":"BAD_REQUEST"/s);
    assert.equal((await exchange(status, "/v1/groups")).status, 200);
  });

  it("does not wait for a request that never ends", async () => {
    const { status } = await start({ requestTimeoutMs: 30 });
    const heard = await shout(status, "GET /v1/groups HTTP/1.1\r\nX: ");
    assert.match(heard, /^(HTTP\/1\.1 408 .*"code":"REQUEST_TIMEOUT".*)?$/s);
    assert.equal((await exchange(status, "/v1/groups")).status, 200);
  });

  it("serves many clients at once, and turns away those beyond the limit", async () => {
    const { status, control } = await start({ connections: 8, connectionsPerUser: 20 });
    const replies = await Promise.all(Array.from({ length: 8 }, () => exchange(status, "/v1/snapshot")));
    assert.ok(replies.every((reply) => JSON.parse(reply.body).version === 1));
    const hold = () => Promise.all(Array.from({ length: 8 }, () => once(connect(status).unref(), "connect")));
    await hold();
    assert.deepEqual(refusal(await exchange(status, "/v1/groups")), [503, "TOO_MANY_CONNECTIONS"]);
    // Those who are to hear why are bounded, too.
    await hold();
    await assert.rejects(exchange(status, "/v1/groups"), /socket hang up|ECONNRESET|EPIPE/);
    assert.equal((await exchange(control, "/v1/groups")).status, 200);
  });

  it("lets no one user have all connections and streams", async () => {
    const users = [7, 7, 7, 7, 7, 7, 8, 8];
    const limits = { connectionsPerUser: 4, streamsPerUser: 1 };
    const { status } = await start(limits, SOURCE, () => users.shift() ?? 9);
    for (let i = 0; i < 4; i += 1) await once(connect(status).unref(), "connect");
    const ask = (path: string) => exchange(status, path);
    assert.deepEqual(refusal(await ask("/v1/groups")), [429, "TOO_MANY_CONNECTIONS"]);
    assert.deepEqual(refusal(await ask("/v1/groups")), [429, "TOO_MANY_CONNECTIONS"]);
    const stream = connect(status);
    stream.write("GET /v1/events HTTP/1.1\r\n\r\n");
    await once(stream, "data");
    assert.deepEqual(refusal(await ask("/v1/events")), [429, "TOO_MANY_STREAMS"]);
    assert.equal((await ask("/v1/groups")).status, 200);
    stream.destroy();
  });

  it("answers the requests of one connection one after the other, and cuts off whoever has many waiting", async () => {
    const asked: (() => void)[] = [];
    const snapshot = () => new Promise<typeof SNAPSHOT>((answer) => asked.push(() => answer(SNAPSHOT)));
    const { status } = await start({ waitingRequests: 2 }, { ...SOURCE, snapshot });
    const request = "GET /v1/snapshot HTTP/1.1\r\n\r\n";
    const honest = connect(status);
    let heard = "";
    honest.on("data", (chunk) => {
      heard += chunk;
    });
    honest.write(request.repeat(3));
    for (let answered = 1; answered <= 3; answered += 1) {
      await until(() => asked.length === 1);
      asked.shift()?.();
      await until(() => heard.split('"version":1').length === answered + 1);
    }
    honest.destroy();
    assert.equal(await shout(status, request.repeat(4)), "");
  });

  it("keeps a bounded amount of answers for clients that do not read", async () => {
    const large = { ...SNAPSHOT, daemon: { ...SNAPSHOT.daemon, configurationFile: "x".repeat(2 * 1024 * 1024) } };
    const { status } = await start({ unreadBytes: 3 * 1024 * 1024 }, { ...SOURCE, snapshot: async () => large });
    const slow = connect(status).pause();
    slow.write("GET /v1/snapshot HTTP/1.1\r\n\r\n");
    await once(slow, "readable");
    assert.deepEqual(refusal(await exchange(status, "/v1/snapshot")), [503, "TOO_MUCH_UNREAD"]);
    assert.equal((await exchange(status, "/v1/groups")).status, 200);
    slow.destroy();
  });

  it("answers 500 when the daemon itself can not answer", async () => {
    const broken = { ...SOURCE, snapshot: () => Promise.reject(new Error("the kernel is silent")) };
    const { status } = await start({}, broken);
    const reply = await exchange(status, "/v1/groups");
    assert.deepEqual(refusal(reply), [500, "INTERNAL"]);
    assert.match(reply.body, /the kernel is silent/);
    assert.equal((await exchange(status, "/v1/config")).status, 200);
  });

  it("survives clients that leave before their answer", async () => {
    let answerAll = () => {};
    const waiting = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    let asked = () => {};
    const question = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const snapshot = async () => {
      asked();
      await waiting;
      return SNAPSHOT;
    };
    const { status } = await start({}, { ...SOURCE, snapshot });
    const socket = connect(status);
    socket.write("GET /v1/snapshot HTTP/1.1\r\n\r\n");
    await question;
    socket.destroy();
    await once(socket, "close");
    answerAll();
    assert.equal((await exchange(status, "/v1/snapshot")).status, 200);
  });

  it("closes while clients are connected, and takes its files away", async () => {
    const { server, control, status } = await start();
    const idle = connect(status);
    await once(idle, "connect");
    const gone = once(idle, "close");
    await server.close();
    await gone;
    assert.deepEqual([existsSync(control), existsSync(status)], [false, false]);
    await server.close();
  });

  it("makes its directory, and sockets that others may or may not open", async () => {
    const runtimeDir = join(await workshop.directory(), "ipmp");
    const umask = process.umask(0o077);
    workshop.later(() => process.umask(umask));
    const server = await Doors.start({ runtimeDir, source: SOURCE });
    workshop.later(() => server.close());
    const mode = (path: string) => statSync(path).mode & 0o777;
    assert.equal(mode(runtimeDir), 0o755);
    assert.equal(mode(join(runtimeDir, "status.sock")), 0o666);
    assert.ok([0o600, 0o660].includes(mode(join(runtimeDir, "control.sock"))));
  });

  it("names a directory that can not be made, with what to do", async () => {
    for (const runtimeDir of [join(await workshop.directory(), "absent", "ipmp"), "/proc/absent/ipmp"]) {
      await assert.rejects(
        Doors.start({ runtimeDir, source: SOURCE }),
        (error: ControlError) => error.code === "CANNOT_LISTEN" && error.message.includes(runtimeDir),
      );
    }
  });
});
