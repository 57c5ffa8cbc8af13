/** One daemon per network namespace, and nobody without the right keeps it from starting. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { ControlError } from "../../src/control/errors.ts";
import { SingleInstance } from "../../src/daemon/single-instance.ts";
import { ProcessKeeper } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";

const refusal = await enterSandbox();

const MODULE = new URL("../../src/daemon/single-instance.ts", import.meta.url).href;
const TAKE = `const { SingleInstance } = await import(${JSON.stringify(MODULE)});
  try { SingleInstance.acquire(); console.log("taken"); } catch (error) { console.log(error.code); }
  setInterval(() => {}, 1e9);`;

/** What a local user can try: the name that earlier versions took, and the lock itself. */
const SQUAT = `
import os, socket, struct
os.setgroups([]); os.setgid(65534); os.setuid(65534)
name = socket.socket(socket.AF_UNIX); name.bind(b"\\0ipmpd".ljust(108, b"\\0")); name.listen()
short = socket.socket(socket.AF_UNIX); short.bind(b"\\0ipmpd"); short.listen()
try:
    socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88b5)).setsockopt(263, 18, struct.pack("=I", 0x1b3d))
    print("taken", flush=True)
except PermissionError: print("EPERM", flush=True)
name.accept()
`;

const OTHER_FILES = 'mount -t tmpfs none /run && mount -t tmpfs none /var && exec "$@"';

const held = (holder: RegExp) => (error: unknown) =>
  error instanceof ControlError && error.code === "ALREADY_RUNNING" && holder.test(error.message);

describe("the lock of a network namespace", () => {
  const keeper = new ProcessKeeper();

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  afterEach(() => keeper.endAll());

  /** Starts a process that says one line, and then lives on. */
  async function start(words: readonly string[]): Promise<{ child: ChildProcess; said: string }> {
    const child = keeper.start(words, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(child.stdout);
    const [said] = await once(child.stdout, "data");
    return { child, said: String(said).trim() };
  }

  /** Another process that takes the lock; `before` is put in front of its command. */
  const rival = (...before: string[]) =>
    start([...before, process.execPath, "--import", "tsx", "--input-type=module", "-e", TAKE]);

  it("is held by one until it is released", () => {
    const first = SingleInstance.acquire();
    assert.throws(() => SingleInstance.acquire(), held(new RegExp(`process ${process.pid} \\(`)));
    first.release();
    first.release();
    SingleInstance.acquire().release();
  });

  it("is held by another process, is named with its id, and falls with it", async () => {
    const { child, said } = await rival();
    assert.equal(said, "taken");
    assert.throws(() => SingleInstance.acquire(), held(new RegExp(`process ${child.pid} \\(`)));
    child.kill("SIGKILL");
    await once(child, "exit");
    SingleInstance.acquire().release();
  });

  it("is another one in another network namespace, and the same one wherever files are others", async () => {
    const lock = SingleInstance.acquire();
    try {
      assert.equal((await rival("unshare", "--net")).said, "taken");
      assert.equal((await rival("unshare", "--mount", "sh", "-c", OTHER_FILES, "rival")).said, "ALREADY_RUNNING");
    } finally {
      lock.release();
    }
  });

  it("can not be taken by a user, nor can its name", async () => {
    const { said } = await start(["python3", "-c", SQUAT]);
    assert.equal(said, "EPERM");
    SingleInstance.acquire().release();
  });
});
