import assert from "node:assert/strict";
import { drawGroup } from "../../../scripts/lab/drawing.ts";
import type { AddressSnapshot, InterfaceSnapshot, Snapshot } from "../../../src/core/snapshot.ts";

function member(name: string, changes: Partial<InterfaceSnapshot> = {}, standby = false): InterfaceSnapshot {
  const flags = {
    inactive: false,
    standby,
    multicast4: false,
    broadcast4: false,
    multicast6: false,
    down: false,
    duplicate: false,
  };
  const quiet = { index: 1, group: "ipmp0", active: true, link: "up", probe: "disabled", state: "ok" } as const;
  const past = { reason: "new", since: "", history: [], probes: [] } as const;
  return { name, flags, ...quiet, ...past, ...changes };
}

function address(text: string, inbound: string | null): AddressSnapshot {
  const family = text.includes(":") ? 6 : 4;
  return { family, address: text, prefixLength: 24, state: "up", group: "ipmp0", inbound, outbound: [] };
}

function snapshot(state: "ok" | "degraded", interfaces: InterfaceSnapshot[], addresses: AddressSnapshot[]): Snapshot {
  const names = { name: "ipmp0", groupName: "ipmp0", active: [], inactive: [], unusable: [], impairments: [] };
  const times = { failureDetectionTimeMs: null, configuredFailureDetectionTimeMs: 10_000, bypasses: [] };
  return { groups: [{ ...names, ...times, state }], interfaces, addresses, targets: [] };
}

describe("drawing of a group", () => {
  it("shows who carries what, in the order of names", () => {
    const members = [member("eth2", { active: false }, true), member("eth1"), member("eth0")];
    const addresses = [address("192.0.2.11", "eth1"), address("2001:db8::10", "eth0"), address("192.0.2.10", "eth0")];
    assert.deepEqual(drawGroup(snapshot("ok", members, addresses)).split("\n"), [
      "ipmp0  ok",
      "├─ eth0  active    192.0.2.10, 2001:db8::10  ────────┐",
      "├─ eth1  active    192.0.2.11                ────────┼── switch ── router ── client",
      "└─ eth2  standby   -                         ────────┘",
    ]);
  });

  it("shows a cable that is out, and an inactive member that is no standby", () => {
    const members = [
      member("eth0", { active: false, link: "down", state: "failed" }),
      member("eth1", { active: false }),
    ];
    assert.deepEqual(drawGroup(snapshot("degraded", members, [])).split("\n"), [
      "ipmp0  degraded",
      "├─ eth0  failed    -  ──x  x──┐",
      "└─ eth1  inactive  -  ────────┴── switch ── router ── client",
    ]);
  });
});
