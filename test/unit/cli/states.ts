/** Pictures of daemons in many states, written by hand, newest object first. */
import type {
  AddressSnapshot,
  GroupSnapshot,
  InterfaceFlags,
  InterfaceSnapshot,
  ProbeTargetsSnapshot,
  Snapshot,
  TargetSnapshot,
  TargetState,
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
  const past = { reason: "new", since: "2026-01-02T03:04:05.678Z", history: [], probes: [] } as const;
  return { name, ...base, ...past, ...rest, flags: { ...NO_FLAGS, ...flags } };
}

function group(name: string, members: Partial<GroupSnapshot> = {}): GroupSnapshot {
  const empty = { active: [], inactive: [], unusable: [], impairments: [], bypasses: [] };
  const detection = { failureDetectionTimeMs: null, configuredFailureDetectionTimeMs: 10_000 };
  return { name, groupName: name, state: "ok", ...detection, ...empty, ...members };
}

/** The picture of a daemon; interfaces of which no targets are told are not probed. */
function picture(
  parts: Omit<Snapshot, "addresses" | "targets"> & Partial<Pick<Snapshot, "addresses" | "targets">>,
): Snapshot {
  const { groups, interfaces, addresses = [], targets = [] } = parts;
  const rows = interfaces.flatMap(({ name }) => {
    const told = targets.filter((row) => row.interface === name);
    return told.length > 0 ? told : [probing(name, "disabled", null, [])];
  });
  return { groups, interfaces, addresses, targets: rows };
}

function probing(
  name: string,
  mode: ProbeTargetsSnapshot["mode"],
  testAddress: string | null,
  targets: readonly string[],
): ProbeTargetsSnapshot {
  const family = testAddress === null ? null : testAddress.includes(":") ? 6 : 4;
  return { interface: name, family, mode, testAddress, targets: targets.map((text) => target(text)) };
}

/** `192.0.2.1`, or `192.0.2.2 dead`. */
function target(text: string): TargetSnapshot {
  const [host = "", state = "active"] = text.split(" ");
  return { address: host, kind: "router", state: state as TargetState, meanMs: null, deviationMs: null };
}

function address(text: string, inbound: string | null, outbound: readonly string[]): AddressSnapshot {
  const family = text.includes(":") ? 6 : 4;
  return {
    family,
    address: text,
    prefixLength: family === 4 ? 24 : 64,
    state: "up",
    group: "ipmp0",
    inbound,
    outbound,
  };
}

const failed: Face = { active: false, link: "down", state: "failed", reason: "link-down" };
const probesLost: Face = { active: false, probe: "failed", state: "failed", reason: "probes-lost" };
const idle: Face = { active: false, flags: { inactive: true, standby: true } };
const TWO_ON_A_ROUTER = [
  probing("eth1", "routes", "192.0.2.21", ["192.0.2.1"]),
  probing("eth0", "routes", "192.0.2.20", ["192.0.2.1"]),
];

export const STATES: Readonly<Record<string, Snapshot>> = {
  "no-groups": picture({ groups: [], interfaces: [] }),
  "all-well": picture({
    groups: [group("ipmp0", { active: ["eth1", "eth0"], inactive: ["eth2"] })],
    interfaces: [face("eth2", idle), face("eth1"), face("eth0", { flags: NOMINATED })],
    addresses: [address("192.0.2.11", "eth1", ["eth1", "eth0"]), address("192.0.2.10", "eth0", ["eth1", "eth0"])],
  }),
  "link-failed-standby-activated": picture({
    groups: [group("ipmp0", { state: "degraded", active: ["eth2", "eth1"], unusable: ["eth0"] })],
    interfaces: [face("eth2", { flags: { standby: true } }), face("eth1", { flags: NOMINATED }), face("eth0", failed)],
    addresses: [address("192.0.2.11", "eth1", ["eth2", "eth1"]), address("192.0.2.10", "eth2", ["eth2", "eth1"])],
  }),
  "repaired-without-failback": picture({
    groups: [group("ipmp0", { active: ["eth1"], inactive: ["eth0"] })],
    interfaces: [face("eth1", { flags: NOMINATED }), face("eth0", { active: false, flags: { inactive: true } })],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  }),
  "all-failed": picture({
    groups: [group("ipmp0", { state: "failed", unusable: ["eth1", "eth0"] })],
    interfaces: [face("eth1", failed), face("eth0", failed)],
    // The group interface keeps them.
    addresses: [address("2001:db8::10", null, []), address("192.0.2.10", null, [])],
  }),
  "card-missing": picture({
    groups: [group("ipmp0", { state: "degraded", active: ["eth1"], unusable: ["eth0"] })],
    interfaces: [
      face("eth1", { flags: NOMINATED }),
      face("eth0", {
        index: null,
        active: false,
        flags: { down: true },
        link: "down",
        state: "failed",
        reason: "absent",
      }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  }),
  "admin-down-and-duplicate": picture({
    groups: [group("ipmp0", { state: "degraded", active: ["eth1"], unusable: ["eth2", "eth0"] })],
    interfaces: [
      face("eth2", { active: false, flags: { down: true, duplicate: true }, state: "offline" }),
      face("eth1", { flags: NOMINATED }),
      face("eth0", { active: false, flags: { down: true }, link: "down", state: "failed" }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
  }),
  "long-address": picture({
    groups: [group("ipmp0", { active: ["eth1", "eth0"] })],
    interfaces: [face("eth1"), face("eth0", { flags: NOMINATED })],
    addresses: [
      address("2001:db8:1111:2222:3333:4444:5555:10", "eth1", ["eth1", "eth0"]),
      address("2001:db8:1:2:3:4:5:6", "eth0", ["eth1", "eth0"]),
      address("2001:db8:11:22:33:44:55:6", "eth0", ["eth1", "eth0"]),
      address("2001:db8:11:22:33:44:55:66", "eth0", ["eth1", "eth0"]),
      address("192.0.2.10", "eth0", ["eth1", "eth0"]),
    ],
  }),
  "long-names": picture({
    groups: [group("ipmp0", { groupName: "the accounting department", active: ["enp129s0f1np1", "enp129s0f0"] })],
    interfaces: [face("enp129s0f1np1"), face("enp129s0f0n", { flags: NOMINATED }), face("enp129s0f0np")],
    addresses: [address("192.0.2.10", "enp129s0f1np1", ["enp129s0f1np1", "enp129s0f0np"])],
  }),
  "probed-and-anonymous": picture({
    groups: [
      group("", { active: ["eth9"] }),
      group("ipmp2", { groupName: "backup", failureDetectionTimeMs: 21_000, active: ["eth4"], unusable: ["eth3"] }),
      group("ipmp1", { groupName: "dmz", failureDetectionTimeMs: 700, state: "failed", unusable: ["eth1"] }),
    ],
    interfaces: [
      face("eth9", { group: "" }),
      face("eth4", { group: "ipmp2", probe: "ok" }),
      face("eth3", { group: "ipmp2", ...probesLost }),
      face("eth1", { group: "ipmp1", ...failed, probe: "unknown" }),
    ],
    targets: [
      probing("eth4", "multicast", "192.0.2.24", ["192.0.2.40", "192.0.2.41"]),
      probing("eth3", "multicast", "192.0.2.23", ["192.0.2.40", "192.0.2.41"]),
      probing("eth1", "routes", "fe80::21", ["fe80::1"]),
    ],
  }),
  "probed-all-well": picture({
    groups: [group("ipmp0", { failureDetectionTimeMs: 10_000, active: ["eth1", "eth0"], inactive: ["eth2"] })],
    interfaces: [
      face("eth2", { ...idle, probe: "ok" }),
      face("eth1", { probe: "ok" }),
      face("eth0", { probe: "ok", flags: NOMINATED }),
    ],
    addresses: [address("192.0.2.10", "eth0", ["eth1", "eth0"])],
    targets: [
      probing("eth2", "routes", "fe80::22", ["fe80::1"]),
      probing("eth1", "routes", "192.0.2.21", ["192.0.2.1", "192.0.2.254"]),
      probing("eth0", "routes", "192.0.2.20", ["192.0.2.254", "192.0.2.1"]),
      probing("eth0", "routes", "fe80::20", ["fe80::1"]),
    ],
  }),
  "probed-link-failed": picture({
    groups: [
      group("ipmp0", { state: "degraded", failureDetectionTimeMs: 10_000, active: ["eth1"], unusable: ["eth0"] }),
    ],
    interfaces: [face("eth1", { probe: "ok", flags: NOMINATED }), face("eth0", { ...failed, probe: "unknown" })],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
    targets: TWO_ON_A_ROUTER,
  }),
  "probes-lost": picture({
    groups: [
      group("ipmp0", { state: "degraded", failureDetectionTimeMs: 10_000, active: ["eth1"], unusable: ["eth0"] }),
    ],
    interfaces: [face("eth1", { probe: "ok", flags: NOMINATED }), face("eth0", probesLost)],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
    targets: TWO_ON_A_ROUTER,
  }),
  "all-probes-lost": picture({
    groups: [group("ipmp0", { state: "failed", failureDetectionTimeMs: 10_000, unusable: ["eth1", "eth0"] })],
    interfaces: [
      face("eth1", { ...probesLost, reason: "group-failure" }),
      face("eth0", { ...probesLost, reason: "group-failure" }),
    ],
    addresses: [address("192.0.2.10", "eth0", ["eth1", "eth0"])],
    targets: TWO_ON_A_ROUTER,
  }),
  "without-test-addresses": picture({
    groups: [group("ipmp0", { failureDetectionTimeMs: 10_000, active: ["eth1", "eth0"], inactive: ["eth2"] })],
    interfaces: [
      face("eth2", { ...idle, probe: "ok" }),
      face("eth1", { probe: "ok" }),
      face("eth0", { probe: "ok", flags: NOMINATED }),
    ],
    addresses: [address("192.0.2.11", "eth1", ["eth1", "eth0"]), address("192.0.2.10", "eth0", ["eth1", "eth0"])],
    targets: [
      { ...probing("eth2", "transitive", null, ["192.0.2.1"]), family: 4 },
      probing("eth1", "transitive", "192.0.2.11", ["192.0.2.1"]),
      probing("eth0", "transitive", "192.0.2.10", ["192.0.2.1"]),
    ],
  }),
  "no-targets": picture({
    groups: [
      group("ipmp0", { state: "degraded", failureDetectionTimeMs: 10_000, active: ["eth1"], unusable: ["eth0"] }),
    ],
    interfaces: [
      face("eth1", { probe: "unknown", state: "unknown", reason: "no-targets", flags: NOMINATED }),
      face("eth0", { ...probesLost, probe: "unknown" }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
    targets: [probing("eth1", "multicast", "192.0.2.21", []), probing("eth0", "multicast", "192.0.2.20", [])],
  }),
  "routers-dead-hosts-asked": picture({
    groups: [group("ipmp0", { failureDetectionTimeMs: 10_000, active: ["eth1", "eth0"] })],
    interfaces: [face("eth1", { probe: "ok" }), face("eth0", { probe: "ok", flags: NOMINATED })],
    targets: [
      probing("eth1", "multicast", "192.0.2.21", ["192.0.2.40", "192.0.2.1 dead", "192.0.2.2 slow"]),
      probing("eth0", "routes", "192.0.2.20", ["192.0.2.1", "192.0.2.2", "192.0.2.3 unused"]),
    ],
  }),
  offline: picture({
    groups: [
      group("ipmp0", { state: "degraded", failureDetectionTimeMs: 10_000, active: ["eth1"], unusable: ["eth0"] }),
    ],
    interfaces: [
      face("eth1", { probe: "ok", flags: NOMINATED }),
      face("eth0", { active: false, flags: { down: true }, state: "offline", reason: "administrator" }),
    ],
    addresses: [address("192.0.2.10", "eth1", ["eth1"])],
    targets: [probing("eth1", "routes", "192.0.2.21", ["192.0.2.1"])],
  }),
  "link-not-reported": picture({
    groups: [group("ipmp0", { active: ["eth0"] })],
    interfaces: [face("eth0", { link: "unknown", flags: NOMINATED })],
    addresses: [address("192.0.2.10", "eth0", ["eth0"])],
  }),
  bypassed: picture({
    groups: [group("ipmp0", { active: ["eth1", "eth0"], bypasses: ["default via 192.0.2.1 dev eth0"] })],
    interfaces: [face("eth1"), face("eth0", { flags: NOMINATED })],
    addresses: [address("192.0.2.10", "eth0", ["eth1", "eth0"])],
  }),
  "newer-daemon": picture({
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
    targets: [
      {
        ...probing("eth0", "occult" as ProbeTargetsSnapshot["mode"], "49.0001.0a00", ["49.0001.0a01"]),
        family: 49 as ProbeTargetsSnapshot["family"],
      },
    ],
  }),
  "hostile-name": picture({
    groups: [group("ipmp0", { active: ["a\u001b[2Jb"] })],
    interfaces: [face("a\u001b[2Jb", { flags: NOMINATED })],
    addresses: [address("192.0.2.10", "back\\slash", ["back\\slash"])],
  }),
  "thirty-interfaces": picture({
    groups: [group("ipmp0", { active: numbered(30) })],
    interfaces: numbered(30).map((name) => face(name)),
    addresses: [address("192.0.2.10", "eth29", numbered(30))],
  }),
};

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `eth${count - 1 - index}`);
}
