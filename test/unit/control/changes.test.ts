/** What administrators may ask for over the control socket: by hand, as curl would. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import type { ControlLimits } from "../../../src/control/limits.ts";
import type { ControlSource, ReloadResult } from "../../../src/control/routes.ts";
import { misfit } from "../../../src/control/schema.ts";
import { SCHEMAS } from "../../../src/control/schemas.ts";
import type { RequestRefusal } from "../../../src/core/actions.ts";
import { Doors } from "./doors.ts";
import { exchange, type Reply, SOURCE, shout, Workshop } from "./support.ts";

const workshop = new Workshop();

/** Paths, methods and bodies of every change there is. */
const CHANGES = [
  ["POST", "/v1/interfaces/eth0/offline", '{"minimumRedundancy":0}'],
  ["POST", "/v1/interfaces/eth0/online", ""],
  ["POST", "/v1/reload", ""],
  ["PUT", "/v1/config", "groups: {}"],
] as const;

async function start(source: Partial<ControlSource> = {}, limits: Partial<ControlLimits> = {}) {
  const runtimeDir = await workshop.directory();
  const server = await Doors.start({ runtimeDir, source: { ...SOURCE, ...source }, limits });
  workshop.later(() => server.close());
  return { control: join(runtimeDir, "control.sock"), status: join(runtimeDir, "status.sock") };
}

/** A source that notes what it is asked, and answers administrators with `refusal`. */
function recorder(refusal?: RequestRefusal) {
  const asked: unknown[][] = [];
  const request: ControlSource["request"] = async (...words) => {
    asked.push(words);
    return refusal;
  };
  const applyConfiguration: ControlSource["applyConfiguration"] = async (text) => {
    asked.push(["apply", text]);
    return { ok: true, warnings: [] };
  };
  return { asked, source: { request, applyConfiguration } };
}

/** Status and what was answered, which fits the form of errors, or of what is done. */
function judged({ status, body }: Reply): [status: number | undefined, code: string, detail: string] {
  const value = JSON.parse(body);
  const schema = status === 200 ? SCHEMAS.Done : SCHEMAS.Error;
  assert.equal(misfit(schema, value, "answer", { exact: true }), undefined);
  return [status, value.code ?? "done", value.detail ?? value.warnings.join("\n")];
}

const post = (socket: string, path: string, body: string | Buffer = "") =>
  exchange(socket, path, { method: "POST", headers: { "Content-Length": Buffer.byteLength(body) } }, body);

const put = (socket: string, body: string | Buffer) =>
  exchange(socket, "/v1/config", { method: "PUT", headers: { "Content-Length": Buffer.byteLength(body) } }, body);

describe("changes by the control socket", () => {
  afterEach(() => workshop.clean());

  it("are handed on as they were asked for", async () => {
    const { asked, source } = recorder();
    const { control } = await start(source);
    for (const [path, body] of [
      ["eth0/offline", ""],
      ["eth0/offline", "{}"],
      ["eth0/offline", '{"minimumRedundancy":0}'],
      ["%C3%A9%25th0/online", ""],
    ]) {
      assert.deepEqual(judged(await post(control, `/v1/interfaces/${path}`, body)), [200, "done", ""]);
    }
    assert.equal((await put(control, "groups: {} # é")).status, 200);
    assert.deepEqual(asked, [
      ["offline", "eth0", 1],
      ["offline", "eth0", 1],
      ["offline", "eth0", 0],
      ["online", "é%th0", 0],
      ["apply", "groups: {} # é"],
    ]);
  });

  it("are refused with the machine's reason, under a code of its own (T179)", async () => {
    const codes: Readonly<Record<RequestRefusal, [number, string]>> = {
      "unknown-interface": [404, "UNKNOWN_INTERFACE"],
      "already-offline": [409, "ALREADY_OFFLINE"],
      "not-offline": [409, "NOT_OFFLINE"],
      "minimum-redundancy": [409, "MINIMUM_REDUNDANCY"],
      "duplicate-hardware-address": [409, "DUPLICATE_HARDWARE_ADDRESS"],
    };
    for (const [refusal, expected] of Object.entries(codes)) {
      const { control } = await start(recorder(refusal as RequestRefusal).source);
      const reply = await post(control, "/v1/interfaces/eth0/offline");
      assert.deepEqual(judged(reply).slice(0, 2), expected);
      assert.match(JSON.parse(reply.body).message, /^eth0 .*\.$/);
    }
  });

  it("never reach the machine with a name or an order that can not be", async () => {
    const { asked, source } = recorder();
    const { control } = await start(source);
    for (const name of ["a%2Fb", "a%0Ab", "%20", "sixteen-bytes-ab", "%1B[2J", "x".repeat(4000)]) {
      const reply = await post(control, `/v1/interfaces/${name}/offline`);
      assert.deepEqual(judged(reply).slice(0, 2), [404, "UNKNOWN_INTERFACE"], name);
      assert.ok(!JSON.stringify(reply).includes("x".repeat(61)), "a long name is cut");
    }
    const bodies = ["[]", "7", "{", '{"minimumRedundancy":-1}', '{"minimumRedundancy":1.5}', '{"minRedundancy":0}'];
    for (const body of [...bodies, Buffer.from([0x7b, 0xff, 0x7d])]) {
      const reply = await post(control, "/v1/interfaces/eth0/offline", body);
      assert.deepEqual(judged(reply).slice(0, 2), [400, "INVALID_ARGUMENT"], String(body));
    }
    const broken = await post(control, "/v1/interfaces/%E9/online");
    assert.deepEqual(judged(broken), [400, "INVALID_ARGUMENT", "Found %E9"]);
    assert.deepEqual(asked, []);
  });

  it("are refused on the status socket, before anything of them is looked at (T171)", async () => {
    const { asked, source } = recorder();
    const reload = () => assert.fail("asked to reload");
    const { status } = await start({ ...source, reload });
    for (const [method, path, body] of CHANGES) {
      const reply = await exchange(status, path, { method }, body);
      assert.deepEqual(judged(reply).slice(0, 2), [403, "CHANGES_NOT_ALLOWED"]);
      assert.match(reply.body, /control\.sock/);
    }
    assert.deepEqual(asked, []);
  });

  it("have their methods, and name them", async () => {
    const { control, status } = await start();
    for (const [socket, method, path, allow] of [
      [control, "GET", "/v1/reload", "POST"],
      [status, "PUT", "/v1/interfaces/eth0/offline", "POST"],
      [control, "HEAD", "/v1/interfaces/eth0/online", "POST"],
      [control, "POST", "/v1/config", "GET, HEAD, PUT"],
      [control, "DELETE", "/v1/groups", "GET, HEAD"],
    ] as const) {
      const { status: code, headers } = await exchange(socket, path, { method });
      assert.deepEqual([code, headers.allow], [405, allow], `${method} ${path}`);
    }
    for (const path of ["/v1/interfaces/eth0/sleep", "/v1/interfaces//offline", "/v1/interfaces/a/b/offline"]) {
      assert.deepEqual(judged(await post(control, path)).slice(0, 2), [404, "UNKNOWN_PATH"]);
    }
  });

  it("of the configuration tell every problem, or what is probably not meant", async () => {
    const problems = ["ipmp.yaml:1:1: groups: found 7, wanted a mapping", "ipmp.yaml:2:1: unknown key"];
    const results: [ReloadResult, ReturnType<typeof judged>][] = [
      [{ ok: true, warnings: ["ipmp.yaml:3:5: a group of one"] }, [200, "done", "ipmp.yaml:3:5: a group of one"]],
      [{ ok: false, code: "BAD_CONFIGURATION", problems }, [422, "BAD_CONFIGURATION", problems.join("\n")]],
      [{ ok: false, code: "NOT_READABLE", problems: ["No such file"] }, [422, "NOT_READABLE", "No such file"]],
    ];
    for (const [result, expected] of results) {
      const { control } = await start({ reload: async () => result, applyConfiguration: async () => result });
      assert.deepEqual(judged(await post(control, "/v1/reload")), expected);
      assert.deepEqual(judged(await put(control, "groups: 7")), expected);
    }
  });

  it("may be as large as a file may be, and no larger, whether they say so or not", async () => {
    const { asked, source } = recorder();
    const { control } = await start(source);
    const largest = "#".repeat(1024 * 1024);
    assert.equal((await put(control, largest)).status, 200);
    assert.deepEqual(asked, [["apply", largest]]);
    assert.deepEqual(judged(await put(control, `${largest}#`)).slice(0, 2), [413, "BODY_TOO_LARGE"]);
    const chunked = { method: "PUT", headers: { "Transfer-Encoding": "chunked" } };
    const reply = await exchange(control, "/v1/config", chunked, "#".repeat(4 * 1024 * 1024));
    assert.deepEqual(judged(reply).slice(0, 2), [413, "BODY_TOO_LARGE"]);
    const order = await post(control, "/v1/interfaces/eth0/offline", " ".repeat(5000));
    assert.deepEqual(judged(order).slice(0, 2), [413, "BODY_TOO_LARGE"]);
    assert.deepEqual(judged(await post(control, "/v1/reload", "{}")).slice(0, 2), [413, "BODY_NOT_ALLOWED"]);
    assert.equal(asked.length, 1);
  });

  it("are hung up on when they are too large by far, and the daemon lives on", async () => {
    const { control, status } = await start();
    for (const socket of [control, status]) {
      const endless = exchange(socket, "/v1/config", { method: "PUT" }, "#".repeat(32 * 1024 * 1024));
      await endless.then(
        (reply) => assert.ok([403, 413].includes(reply.status ?? 0)),
        (error) => assert.match(String(error), /ECONNRESET|EPIPE|hang up/),
      );
      assert.equal((await exchange(socket, "/v1/groups")).status, 200);
    }
  });

  it("that never arrive whole are given up", async () => {
    const { asked, source } = recorder();
    const { control } = await start(source, { requestTimeoutMs: 30 });
    const heard = await shout(control, "PUT /v1/config HTTP/1.1\r\nContent-Length: 100\r\n\r\ngroups:");
    assert.match(heard, /^(HTTP\/1\.1 408 .*"code":"REQUEST_TIMEOUT".*)?$/s);
    assert.deepEqual(asked, []);
    assert.equal((await exchange(control, "/v1/groups")).status, 200);
  });

  it("may take longer than a connection may be idle, but not for ever", async () => {
    let finish = (_: ReloadResult) => {};
    const work = new Promise<ReloadResult>((resolve) => {
      finish = resolve;
    });
    const { control } = await start({ reload: () => work }, { requestTimeoutMs: 20, changeTimeoutMs: 200 });
    const late = judged(await post(control, "/v1/reload"));
    assert.deepEqual(late.slice(0, 2), [504, "NOT_DONE_IN_TIME"]);
    finish({ ok: true, warnings: [] });
    assert.deepEqual(judged(await post(control, "/v1/reload")), [200, "done", ""]);
  });

  it("that the daemon itself fails in are a 500", async () => {
    const broken = () => Promise.reject(new Error("the worker is gone"));
    const { control } = await start({ request: broken, reload: broken, applyConfiguration: broken });
    for (const [method, path, body] of CHANGES) {
      const reply = await exchange(control, path, { method }, body);
      assert.deepEqual(judged(reply), [500, "INTERNAL", "the worker is gone"]);
    }
  });

  it("go on when the client leaves, and bring nobody down", async () => {
    const { asked, source } = recorder();
    let asking = () => {};
    const question = new Promise<void>((resolve) => {
      asking = resolve;
    });
    const request: ControlSource["request"] = async (...words) => {
      asking();
      return await source.request(...words);
    };
    const { control } = await start({ request });
    const socket = connect(control);
    socket.write("POST /v1/interfaces/eth0/offline HTTP/1.1\r\n\r\n");
    await question;
    socket.destroy();
    await once(socket, "close");
    assert.deepEqual(asked, [["offline", "eth0", 1]]);
    assert.equal((await exchange(control, "/v1/groups")).status, 200);
  });
});
