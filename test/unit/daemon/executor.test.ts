/** What the executor makes of an order before it hands its outcome back. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import type { Order } from "../../../src/core/actions.ts";
import type { KernelOutcome, KernelRequest } from "../../../src/core/kernel-state/kernel-objects.ts";
import { Executor } from "../../../src/daemon/executor.ts";
import { KernelError } from "../../../src/kernel/errors.ts";
import type { KernelPort } from "../../../src/kernel/port.ts";

const [ETH0, ETH1] = [2, 3];
const DONE: KernelOutcome = { ok: true };
const REFUSED: KernelOutcome = { ok: false, errno: 17, code: "EEXIST", text: "" };

function copy(index: number, address: string): KernelRequest {
  const there = { index, family: 4, address, prefixLength: 32 } as const;
  return { op: "set-address", ...there, scope: "universe", deprecated: false, replace: false };
}

/** Each address where it is put, and one that is nowhere asked for. */
const ORDER: Order = {
  requests: [copy(ETH0, "192.0.2.10"), { op: "set-link-up", index: ETH1 }, copy(ETH1, "192.0.2.11")],
  announcements: [
    { index: ETH0, hardwareAddress: "02:00:00:00:00:00", family: 4, address: "192.0.2.10" },
    { index: ETH1, hardwareAddress: "02:00:00:00:00:01", family: 4, address: "192.0.2.11" },
    { index: ETH1, hardwareAddress: "02:00:00:00:00:01", family: 4, address: "192.0.2.12" },
  ],
};

/** What is called at the kernel's door, and what is said. */
function carriedOut(order: Order, apply: KernelPort["apply"]): string[] {
  const calls: string[] = [];
  const port = {
    apply: (requests) => {
      calls.push("apply");
      return apply(requests);
    },
    announce: (announcements) => calls.push(...announcements.map(({ address }) => `announce ${address}`)),
  } satisfies Partial<KernelPort>;
  const ignored = () => undefined;
  const listener = { log: ignored, failed: ignored, keep: ignored, answer: ignored };
  const executor = new Executor(port as Partial<KernelPort> as KernelPort, undefined, listener);
  const fact = executor.perform({ type: "apply", id: 1, cause: "", ...order });
  if (fact?.type === "outcomes") calls.push(...fact.outcomes.map((outcome) => (outcome.ok ? "done" : outcome.code)));
  return calls;
}

describe("executor", () => {
  it("announces what an order has put in place before anybody hears of its outcome", () => {
    const all = carriedOut(ORDER, (requests) => requests.map(() => DONE));
    assert.deepEqual(all, ["apply", "announce 192.0.2.10", "announce 192.0.2.11", "done", "done", "done"]);
  });

  it("announces no address that the kernel refused, or that was not asked for", () => {
    const some = carriedOut(ORDER, () => [REFUSED, DONE, DONE]);
    assert.deepEqual(some, ["apply", "announce 192.0.2.11", "EEXIST", "done", "done"]);
    const none = carriedOut({ ...ORDER, announcements: [] }, (requests) => requests.map(() => DONE));
    assert.deepEqual(none, ["apply", "done", "done", "done"]);
  });

  it("announces nothing where the door itself failed", () => {
    const failed = carriedOut(ORDER, () => {
      throw new KernelError("closed", { code: "KERNEL_REFUSED", operation: "apply", errno: constants.errno.EBADF });
    });
    assert.deepEqual(failed, ["apply", "EBADF", "EBADF", "EBADF"]);
  });
});
