import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { ControlError } from "../../../src/control/errors.ts";
import { OPENAPI_DOCUMENT } from "../../../src/control/openapi.ts";
import { misfit, type Schema } from "../../../src/control/schema.ts";
import { SCHEMAS } from "../../../src/control/schemas.ts";
import { type ControlLimits, ControlServer } from "../../../src/control/server.ts";
import { CONFIGURATION, exchange, SNAPSHOT, SOURCE, shout, Workshop } from "./support.ts";

const workshop = new Workshop();

interface Running {
  readonly server: ControlServer;
  readonly control: string;
  readonly status: string;
}

async function start(limits: Partial<ControlLimits> = {}, source = SOURCE): Promise<Running> {
  const runtimeDir = await workshop.directory();
  const server = await ControlServer.start({ runtimeDir, source, limits });
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
    const { status, control } = await start({ connections: 8 });
    const replies = await Promise.all(Array.from({ length: 8 }, () => exchange(status, "/v1/snapshot")));
    assert.ok(replies.every((reply) => JSON.parse(reply.body).version === 1));
    const held = Array.from({ length: 8 }, () => connect(status));
    await Promise.all(held.map((socket) => once(socket, "connect")));
    await assert.rejects(exchange(status, "/v1/groups"), /socket hang up|ECONNRESET|EPIPE/);
    assert.equal((await exchange(control, "/v1/groups")).status, 200);
    for (const socket of held) socket.destroy();
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
    const server = await ControlServer.start({ runtimeDir, source: SOURCE });
    workshop.later(() => server.close());
    const mode = (path: string) => statSync(path).mode & 0o777;
    assert.equal(mode(runtimeDir), 0o755);
    assert.equal(mode(join(runtimeDir, "status.sock")), 0o666);
    assert.ok([0o600, 0o660].includes(mode(join(runtimeDir, "control.sock"))));
  });

  it("names a directory that can not be made, with what to do", async () => {
    for (const runtimeDir of [join(await workshop.directory(), "absent", "ipmp"), "/proc/absent/ipmp"]) {
      await assert.rejects(
        ControlServer.start({ runtimeDir, source: SOURCE }),
        (error: ControlError) => error.code === "CANNOT_LISTEN" && error.message.includes(runtimeDir),
      );
    }
  });
});
