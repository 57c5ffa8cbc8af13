/** Pictures of daemons in many states, written by hand, newest object first. */
import type {
  AddressSnapshot,
  GroupSnapshot,
  InterfaceFlags,
  InterfaceSnapshot,
  Snapshot,
} from "../../../src/core/snapshot.ts";

type Face = Partial<Omit<InterfaceSnapshot, "flags">> & { readonly flags?: Partial<InterfaceFlags> };

const NO_FLAGS: InterfaceFlags = {
  inactive: false,
  standby: false,
  multicast4: false,
  broadcast4: false,
  multicast6: false,
  down: false,
  duplicate: false,
};
const NOMINATED = { multicast4: true, broadcast4: true, multicast6: true };

function face(name: string, { flags, ...rest }: Face = {}): InterfaceSnapshot {
  const base = { index: 2, group: "ipmp0", active: true, link: "up", probe: "disabled", state: "ok" } as const;
  return { name, ...base, ...rest, flags: { ...NO_FLAGS, ...flags } };
}

function group(name: string, members: Partial<GroupSnapshot> = {}): GroupSnapshot {
  const empty = { active: [], inactive: [], unusable: [] };
  return { name, groupName: name, state: "ok", failureDetectionTimeMs: null, ...empty, ...members };
}

function address(text: string, inbound: string | null, outbound: readonly string[]): AddressSnapshot {
  const family = text.includes(":") ? 6 : 4;
  const state = inbound === null ? "down" : "up";
  return { family, address: text, prefixLength: family === 4 ? 24 : 64, state, group: "ipmp0", inbound, outbound };
}

const failed: Face = { active: false, link: "down", state: "failed" };
const idleStandby = face("eth2", { active: false, flags: { inactive: true, standby: true } });

export const STATES: Readonly<Record<string, Snapshot>> = {
  "no-groups": { groups: [], interfaces: [], addresses: [] },
  "all-well": {
    groups: [group("ipmp0", { active: ["eth1", "eth0"], inactive: ["eth2"] })],
    interfaces: [idleStandby, face("eth1"), face("eth0", { flags: NOMINATED })],
    addresses: [address("192.0.2.11", "eth1", ["eth1", "eth0"]), address("192.0.2.10", "eth0", ["eth1", "eth0"])],
  },
  "link-failed-standby-activated": {
    groups: [group("ipmp0", { state: "degraded", active: ["eth2", "eth1"], unusable: ["eth0"] })],
    interfaces: [face("eth2", { flags: { standby: true } }), face("eth1", { flags: NOMINATED }), face("eth0", failed)],
    addresses: [address("192.0.2.11", "eth1", ["eth2", "eth1"]), address("192.0.2.10", "eth2", ["eth2", "eth1"])],
  },
  "repaired-without-failback": {
    groups: [group("ipmp0", { active: ["eth1"], inactive: ["eth0"] })],
    interfaces: [face("eth1", { flags: NOMINATED }), face("eth0", { active: false, flags: { inactive: true } })],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  },
  "all-failed": {
    groups: [group("ipmp0", { state: "failed", unusable: ["eth1", "eth0"] })],
    interfaces: [face("eth1", failed), face("eth0", failed)],
    addresses: [address("2001:db8::10", null, []), address("192.0.2.10", null, [])],
  },
  "card-missing": {
    groups: [group("ipmp0", { state: "degraded", active: ["eth1"], unusable: ["eth0"] })],
    interfaces: [
      face("eth1", { flags: NOMINATED }),
      face("eth0", { index: null, active: false, flags: { down: true }, link: "unknown", state: "unknown" }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  },
  "admin-down-and-duplicate": {
    groups: [group("ipmp0", { state: "degraded", active: ["eth1"], unusable: ["eth2", "eth0"] })],
    interfaces: [
      face("eth2", { active: false, flags: { down: true, duplicate: true }, state: "offline" }),
      face("eth1", { flags: NOMINATED }),
      face("eth0", { active: false, flags: { down: true }, link: "down", state: "failed" }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  },
  "long-address": {
    groups: [group("ipmp0", { active: ["eth1", "eth0"] })],
    interfaces: [face("eth1"), face("eth0", { flags: NOMINATED })],
    addresses: [
      address("2001:db8:1111:2222:3333:4444:5555:10", "eth1", ["eth1", "eth0"]),
      address("2001:db8:1:2:3:4:5:6", "eth0", ["eth1", "eth0"]),
      address("2001:db8:11:22:33:44:55:6", "eth0", ["eth1", "eth0"]),
      address("2001:db8:11:22:33:44:55:66", "eth0", ["eth1", "eth0"]),
      address("192.0.2.10", "eth0", ["eth1", "eth0"]),
    ],
  },
  "long-names": {
    groups: [group("ipmp0", { groupName: "the accounting department", active: ["enp129s0f1np1", "enp129s0f0"] })],
    interfaces: [face("enp129s0f1np1"), face("enp129s0f0n", { flags: NOMINATED }), face("enp129s0f0np")],
    addresses: [address("192.0.2.10", "enp129s0f1np1", ["enp129s0f1np1", "enp129s0f0np"])],
  },
  "probed-and-anonymous": {
    groups: [
      group("", { active: ["eth9"] }),
      group("ipmp2", { groupName: "backup", failureDetectionTimeMs: 21_000, active: ["eth4"], unusable: ["eth3"] }),
      group("ipmp1", { groupName: "dmz", failureDetectionTimeMs: 700, state: "failed", unusable: ["eth1"] }),
    ],
    interfaces: [
      face("eth9", { group: "" }),
      face("eth4", { group: "ipmp2", probe: "ok" }),
      face("eth3", { group: "ipmp2", active: true, probe: "unknown", link: "unknown", state: "unknown" }),
      face("eth1", { group: "ipmp1", ...failed, probe: "failed" }),
    ],
    addresses: [],
  },
  "newer-daemon": {
    groups: [group("ipmp0", { state: "resting" as GroupSnapshot["state"], active: ["eth0"] })],
    interfaces: [
      face("eth0", {
        link: "dimmed" as InterfaceSnapshot["link"],
        probe: "shy" as InterfaceSnapshot["probe"],
        state: "asleep" as InterfaceSnapshot["state"],
      }),
    ],
    addresses: [
      { ...address("49.0001.0a00", "eth0", ["eth0"]), family: 49 as AddressSnapshot["family"] },
      { ...address("192.0.2.1", "eth0", ["eth0"]), state: "lent" as AddressSnapshot["state"] },
    ],
  },
  "hostile-name": {
    groups: [group("ipmp0", { active: ["a\u001b[2Jb"] })],
    interfaces: [face("a\u001b[2Jb", { flags: NOMINATED })],
    addresses: [address("192.0.2.10", "back\\slash", ["back\\slash"])],
  },
  "thirty-interfaces": {
    groups: [group("ipmp0", { active: numbered(30) })],
    interfaces: numbered(30).map((name) => face(name)),
    addresses: [address("192.0.2.10", "eth29", numbered(30))],
  },
};

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `eth${count - 1 - index}`);
}
