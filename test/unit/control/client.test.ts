import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { Client, ControlError } from "../../../src/control/client.ts";
import type { ControlErrorCode } from "../../../src/control/errors.ts";
import { skipBecause } from "../../support/skip.ts";
import { Doors } from "../control/doors.ts";
import { CONFIGURATION, PROBES, SNAPSHOT, SOURCE, Workshop } from "./support.ts";

const workshop = new Workshop();

const fails = (code: ControlErrorCode, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ControlError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};

const page = (body: string, status = "200 OK") =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Works with the rights of nobody. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** A client of a daemon that answers every connection with these bytes. */
async function clientOf(bytes: string, hangUp = true): Promise<Client> {
  const runtimeDir = await workshop.impostor((socket) => {
    socket.once("data", () => (hangUp ? socket.end(bytes) : socket.write(bytes)));
  });
  return new Client({ runtimeDir, timeoutMs: 2000 });
}

describe("control client", () => {
  afterEach(() => workshop.clean());

  it("brings the snapshot and the configuration", async () => {
    const runtimeDir = await workshop.directory();
    const server = await Doors.start({ runtimeDir, source: SOURCE });
    workshop.later(() => server.close());
    const client = new Client({ runtimeDir });
    assert.deepEqual(await client.snapshot(), SNAPSHOT);
    assert.deepEqual(await client.configuration(), CONFIGURATION);
  });

  it("brings the statistics of probes", async () => {
    const runtimeDir = await workshop.directory();
    const server = await Doors.start({ runtimeDir, source: SOURCE });
    workshop.later(() => server.close());
    assert.deepEqual(await new Client({ runtimeDir }).probes(), PROBES);
  });

  it("takes the status socket where the control socket does not let it in", async () => {
    const runtimeDir = await workshop.directory();
    await workshop.listen(join(runtimeDir, "status.sock"), (socket) => socket.end(page(JSON.stringify(SNAPSHOT))));
    assert.deepEqual(await new Client({ runtimeDir }).snapshot(), SNAPSHOT);
  });

  it("finds the daemon by IPMP_RUNTIME_DIR", async () => {
    const runtimeDir = await workshop.impostor((socket) => socket.end(page(JSON.stringify(SNAPSHOT))));
    const before = process.env.IPMP_RUNTIME_DIR;
    workshop.later(() => {
      if (before === undefined) delete process.env.IPMP_RUNTIME_DIR;
      else process.env.IPMP_RUNTIME_DIR = before;
    });
    process.env.IPMP_RUNTIME_DIR = runtimeDir;
    assert.equal((await new Client().snapshot()).version, 1);
  });

  it("says what it tried where there is no daemon", async () => {
    const client = new Client({ runtimeDir: "/nonexistent" });
    await assert.rejects(client.snapshot(), fails("NO_DAEMON", /control\.sock: ENOENT; .*status\.sock: ENOENT/));
    await assert.rejects(client.events().next(), fails("NO_DAEMON", /IPMP_RUNTIME_DIR/));
  });

  it("asks for changes, and brings the warnings", async () => {
    const asked: unknown[][] = [];
    const runtimeDir = await workshop.directory();
    const server = await Doors.start({
      runtimeDir,
      source: {
        ...SOURCE,
        request: async (...words) => void asked.push(words),
        reload: async () => ({ ok: true, warnings: ["a group of one"] }),
        applyConfiguration: async (text) => {
          asked.push([text]);
          return { ok: true, warnings: [] };
        },
      },
    });
    workshop.later(() => server.close());
    const client = new Client({ runtimeDir });
    await client.offline("eth0");
    await client.offline("a%é", { minimumRedundancy: 0 });
    await client.online("eth0");
    assert.deepEqual(await client.reload(), ["a group of one"]);
    assert.deepEqual(await client.applyConfiguration("groups: {} # é"), []);
    const requests = [
      ["offline", "eth0", 1],
      ["offline", "a%é", 0],
      ["online", "eth0", 0],
    ];
    assert.deepEqual(asked, [...requests, ["groups: {} # é"]]);
  });

  it("hands on why a change was refused, with the daemon's own code", async () => {
    const problems = ["ipmp.yaml:1:1: wrong", "ipmp.yaml:2:1: wrong"];
    const runtimeDir = await workshop.directory();
    const reload = async () => ({ ok: false, code: "BAD_CONFIGURATION", problems }) as const;
    const server = await Doors.start({
      runtimeDir,
      source: { ...SOURCE, reload, request: async () => "minimum-redundancy" },
    });
    workshop.later(() => server.close());
    const client = new Client({ runtimeDir });
    const refusal = (error: ControlError) => [error.code, error.refusal?.code, error.refusal?.detail];
    await assert.rejects(client.reload(), (error: ControlError) => {
      assert.deepEqual(refusal(error), ["REFUSED", "BAD_CONFIGURATION", problems.join("\n")]);
      return true;
    });
    await assert.rejects(client.offline("eth0"), (error: ControlError) => {
      assert.deepEqual(refusal(error).slice(0, 2), ["REFUSED", "MINIMUM_REDUNDANCY"]);
      return true;
    });
  });

  it("asks for changes at the control socket alone", async () => {
    const runtimeDir = await workshop.directory();
    await workshop.listen(join(runtimeDir, "status.sock"), () => assert.fail("asked the status socket"));
    await assert.rejects(new Client({ runtimeDir }).reload(), fails("NO_DAEMON", /control\.sock: ENOENT/));
    const refusing = new Client({ runtimeDir: await workshop.impostor((socket) => socket.destroy()) });
    await assert.rejects(refusing.reload(), fails("PROTOCOL", /closed the connection|communicate/));
  });

  it("says so when changes are not for us", async function () {
    if (process.getuid?.() !== 0) skipBecause(this, "to become nobody one must be root");
    const runtimeDir = await workshop.impostor(() => {});
    chmodSync(join(runtimeDir, "control.sock"), 0o600);
    chmodSync(runtimeDir, 0o755);
    await asNobody(async () => {
      await assert.rejects(new Client({ runtimeDir }).online("eth0"), fails("NOT_ALLOWED", /EACCES.*group ipmp/));
    });
  });

  it("does not wait for a change for ever", async () => {
    const runtimeDir = await workshop.impostor(() => {});
    const client = new Client({ runtimeDir, changeTimeoutMs: 20 });
    await assert.rejects(client.reload(), fails("TIMEOUT", /within 20 ms/));
  });

  it("does not wait for ever", async () => {
    const runtimeDir = await workshop.impostor(() => {});
    const client = new Client({ runtimeDir, timeoutMs: 20 });
    await assert.rejects(client.snapshot(), fails("TIMEOUT", /within 20 ms/));
    await assert.rejects(client.events().next(), fails("TIMEOUT", /within 20 ms/));
  });

  it("does not wait for the rest of an answer for ever, either", async () => {
    const runtimeDir = await workshop.impostor((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    );
    await assert.rejects(new Client({ runtimeDir, timeoutMs: 50 }).snapshot(), fails("TIMEOUT", /within 50 ms/));
  });

  it("notices a daemon that vanishes before or in the middle of its answer", async () => {
    const half = page(JSON.stringify(SNAPSHOT)).slice(0, -100);
    for (const bytes of ["", "HTTP/1.1 200", half]) {
      await assert.rejects((await clientOf(bytes)).snapshot(), fails("PROTOCOL", /closed the connection|communicate/));
    }
  });

  it("refuses answers that it does not understand", async () => {
    const answers: [string, RegExp][] = [
      ["220 smtp.example ESMTP\r\n", /communicate/],
      [page("<html>"), /not JSON/],
      [page("null"), /answer: found null, wanted object/],
      [page(JSON.stringify({ ...SNAPSHOT, version: 2 })), /answer\.version: found 2, wanted 1/],
      [page(JSON.stringify({ ...SNAPSHOT, groups: undefined })), /answer\.groups: found nothing, wanted array/],
      [page(JSON.stringify({ ...SNAPSHOT, addresses: [7] })), /answer\.addresses\[0\]: found integer, wanted object/],
    ];
    for (const [bytes, text] of answers)
      await assert.rejects((await clientOf(bytes)).snapshot(), fails("PROTOCOL", text));
  });

  it("understands a newer daemon that says more", async () => {
    const newer = { ...SNAPSHOT, more: 1, groups: [{ ...SNAPSHOT.groups[0], state: "resting" }] };
    assert.deepEqual(await (await clientOf(page(JSON.stringify(newer)))).snapshot(), newer);
  });

  it("passes on what the daemon says when it refuses", async () => {
    const body = JSON.stringify({ code: "INTERNAL", message: "No.", detail: "The kernel is silent." });
    const client = await clientOf(page(body, "500 Internal Server Error"));
    await assert.rejects(client.snapshot(), fails("REFUSED", /No\. The kernel is silent\. \(INTERNAL\)/));
    await assert.rejects(client.events().next(), fails("REFUSED", /INTERNAL/));
  });

  it("ends a stream with an error when the daemon goes away, and silently when asked to", async () => {
    const event = `data: ${JSON.stringify({ type: "snapshot", time: "", snapshot: SNAPSHOT })}\n\n`;
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const ended = (await clientOf(`${head}: hello\n\n${event}`)).events();
    assert.equal((await ended.next()).value?.type, "snapshot");
    await assert.rejects(ended.next(), fails("PROTOCOL", /ended the stream/));
    const stop = new AbortController();
    const stopped = (await clientOf(`${head}${event}`, false)).events(stop.signal);
    assert.equal((await stopped.next()).value?.type, "snapshot");
    stop.abort();
    assert.deepEqual(await stopped.next(), { done: true, value: undefined });
  });

  it("leaves the connection when the reader leaves the loop", async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const event = `data: ${JSON.stringify({ type: "snapshot", time: "", snapshot: SNAPSHOT })}\n\n`;
    const runtimeDir = await workshop.impostor((socket) => {
      socket.on("close", closed);
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${event}`);
    });
    for await (const { type } of new Client({ runtimeDir }).events()) {
      assert.equal(type, "snapshot");
      break;
    }
    await gone;
  });
});
