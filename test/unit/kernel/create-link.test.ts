import assert from "node:assert/strict";
import { constants } from "node:os";
import type { Link } from "../../../src/core/kernel-state/kernel-objects.ts";
import { createLink } from "../../../src/kernel/create-link.ts";
import type { NativeOutcome, NativeRequest } from "../../../src/kernel/native.ts";

const { EAFNOSUPPORT, EEXIST, EOPNOTSUPP, EPERM } = constants.errno;
const REQUEST = { op: "create-link", name: "ipmp0", kinds: ["dummy", "ifb"], alias: "ours" } as const;

/** A kernel that has some kinds of links and perhaps one link. */
class Door {
  readonly asked: NativeRequest[] = [];
  readonly #kinds: readonly string[];
  readonly refusals = new Map<string, NativeOutcome>();
  link: Link | null = null;

  constructor(...kinds: string[]) {
    this.#kinds = kinds;
  }

  apply(requests: readonly NativeRequest[]): NativeOutcome[] {
    return requests.map((request) => this.#answer(request));
  }

  findLink(): Link | null {
    return this.link;
  }

  put(kind: string, alias: string): void {
    const rest = {
      hardwareAddress: "",
      adminUp: false,
      carrier: true,
      carrierReported: false,
      carrierLosses: 0,
      running: true,
      mtu: 1500,
      master: 0,
      lower: 0,
    };
    const flags = { multicast: false, pointToPoint: false, loopback: false, noArp: true };
    this.link = { index: 7, name: REQUEST.name, kind, alias, ...rest, ...flags };
  }

  #answer(request: NativeRequest): NativeOutcome {
    this.asked.push(request);
    const refusal = this.refusals.get(request.op);
    if (refusal !== undefined) return refusal;
    if (request.op !== "create-link") return null;
    if (!this.#kinds.includes(request.kind)) return { errno: EOPNOTSUPP, text: "Unknown device type" };
    if (this.link !== null) return { errno: EEXIST, text: "" };
    this.put(request.kind, "");
    return null;
  }
}

describe("making a group interface", () => {
  it("takes the first kind that there is, dresses it and brings it up", () => {
    const door = new Door("ifb");
    assert.deepEqual(createLink(door, REQUEST), { ok: true });
    assert.deepEqual(
      door.asked.map(({ op }) => op),
      ["create-link", "create-link", "dress-link", "quiet-link", "set-link-up"],
    );
    assert.equal(door.link?.kind, "ifb");
  });

  it("makes it on a kernel without IPv6, which has no link-local address to keep away", () => {
    const door = new Door("dummy");
    door.refusals.set("quiet-link", { errno: EAFNOSUPPORT, text: "" });
    assert.deepEqual(createLink(door, REQUEST), { ok: true });
    assert.deepEqual(door.asked.at(-1), { op: "set-link-up", index: 7 });
  });

  it("says what the kernel said where there is no such kind", () => {
    const refused = { ok: false, errno: EOPNOTSUPP, code: "EOPNOTSUPP", text: "Unknown device type" };
    assert.deepEqual(createLink(new Door(), REQUEST), refused);
  });

  it("finishes one of ours, as after a crash", () => {
    const door = new Door("dummy");
    door.put("dummy", "ours");
    assert.deepEqual(createLink(door, REQUEST), { ok: true });
  });

  it("does not touch a stranger's", () => {
    const door = new Door("dummy");
    door.put("vlan", "theirs");
    const outcome = createLink(door, REQUEST);
    assert.ok(!outcome.ok && outcome.code === "EEXIST");
    assert.deepEqual(
      door.asked.map(({ op }) => op),
      ["create-link"],
    );
  });

  it("takes away what it could not finish", () => {
    const door = new Door("dummy");
    door.refusals.set("set-link-up", { errno: EPERM, text: "no" });
    assert.deepEqual(createLink(door, REQUEST), { ok: false, errno: EPERM, code: "EPERM", text: "no" });
    assert.deepEqual(door.asked.at(-1), { op: "remove-link", index: 7 });
  });
});
