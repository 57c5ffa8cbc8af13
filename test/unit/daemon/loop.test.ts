import assert from "node:assert/strict";
import type { KernelRequest } from "../../../src/core/kernel-state/kernel-objects.ts";
import type { LogEntry } from "../../../src/daemon/executor.ts";
import { Loop } from "../../../src/daemon/loop.ts";
import { KernelError } from "../../../src/kernel/errors.ts";
import type { KernelListener, KernelPort } from "../../../src/kernel/port.ts";

const EMPTY = { links: [], addresses: [], nextHops: [], routes: [], settings: {}, kept: [] };
const CONFIGURATION = {
  groups: [
    {
      name: "g",
      groupInterface: false,
      failback: true,
      members: [{ name: "eth0", standby: false, testAddresses: [] }],
      addresses: [],
      routes: [],
      spread: "l3",
    },
  ],
} as const;

/** A door that notes what it is asked, and a loop on it. */
function loopOn(door: Partial<KernelPort> = {}) {
  const calls: string[] = [];
  const told: string[] = [];
  let listener: KernelListener | undefined;
  const port: KernelPort = {
    dump: () => {
      calls.push("dump");
      return EMPTY;
    },
    apply: (requests: readonly KernelRequest[]) => {
      calls.push("apply");
      return requests.map(() => ({ ok: true }) as const);
    },
    announce: () => calls.push("announce"),
    arm: () => calls.push("arm"),
    watch: () => calls.push("watch"),
    status: () => ({ realtime: true, locked: true, dropped: 0, plansFired: 0 }),
    close: () => calls.push("close"),
    ...door,
  };
  const loop = new Loop(
    (given) => {
      listener = given;
      return port;
    },
    {
      log: ({ message }: LogEntry) => told.push(message.id),
      failed: (error) => told.push(`failed: ${error.message}`),
      changed: () => told.push("changed"),
      settled: () => told.push("settled"),
    },
  );
  return { loop, calls, told, listener: () => listener as KernelListener };
}

describe("loop of the daemon", () => {
  it("reads before it acts, tells the picture once, and says when all is settled", () => {
    const { loop, calls, told } = loopOn();
    loop.configure(CONFIGURATION);
    assert.deepEqual(calls.slice(0, 2), ["dump", "apply"]);
    assert.deepEqual(told, ["interface-missing", "group-failed", "changed", "settled"]);
    loop.close();
  });

  it("goes on when the door fails, and says so", () => {
    const refusal = new KernelError("reading links failed", { code: "KERNEL_REFUSED", operation: "reading", errno: 1 });
    const { loop, told } = loopOn({
      dump: () => {
        throw refusal;
      },
    });
    loop.configure(CONFIGURATION);
    assert.deepEqual(told, ["failed: reading links failed", "changed"]);
    loop.close();
  });

  it("does not hide a bug of ours", () => {
    const { loop } = loopOn({
      announce: () => undefined,
      dump: () => {
        throw new TypeError("ours");
      },
    });
    assert.throws(() => loop.configure(CONFIGURATION), /ours/);
    loop.close();
  });

  it("takes facts that arrive while it is at work after that work", () => {
    const nested: string[] = [];
    const { loop, listener } = loopOn({
      dump: () => {
        nested.push("dump");
        if (nested.length === 1) listener().overrun();
        return EMPTY;
      },
    });
    loop.configure(CONFIGURATION);
    assert.deepEqual(nested, ["dump", "dump"]);
    loop.close();
  });

  it("closes the door once, and is deaf afterwards", () => {
    const { loop, calls, listener } = loopOn();
    loop.configure(CONFIGURATION);
    loop.close();
    loop.close();
    const before = calls.length;
    listener().overrun();
    assert.equal(calls.filter((call) => call === "close").length, 1);
    assert.equal(calls.length, before);
  });
});
