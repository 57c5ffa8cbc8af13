/** The standard group with probes, and what is seen of them. */
import assert from "node:assert/strict";
import type { DaemonSnapshot, ProbeStatistics } from "../../src/control/client.ts";
import type { Family } from "../../src/core/configuration.ts";
import type { FamilyProbeSnapshot, InterfaceSnapshot, ProbeTargetsSnapshot } from "../../src/core/snapshot.ts";
import { LabDaemon } from "./daemon.ts";
import type { HostPicture } from "./host-picture.ts";
import { ADDRESSES, type Laboratory } from "./laboratory.ts";
import { DATA, standardPicture } from "./standard-group.ts";
import { waitFor } from "./wait-for.ts";

/** Test addresses of the members. */
export const TEST = { eth0: "192.0.2.20", eth1: "192.0.2.21", eth2: "192.0.2.22" } as const;
export const TEST_6 = { eth0: "fe80::20", eth1: "fe80::21" } as const;

/** The router's own link-local address, besides the one that the kernel makes of its hardware address. */
export const ROUTER_LINK_LOCAL = "fe80::1";

/** An active member and a standby, probed by IPv4. */
export const PROBED_PAIR = `{ eth0: { test-address: ${TEST.eth0}/24 }, eth1: { standby: true, test-address: ${TEST.eth1}/24 } }`;
/** The same by IPv6. */
export const PROBED_PAIR_6 =
  `{ eth0: { test-address: "${TEST_6.eth0}/64" }, ` + `eth1: { standby: true, test-address: "${TEST_6.eth1}/64" } }`;

/** Short enough for quick tests, long enough for a busy machine: a probe every 42 ms. */
const DETECTION_TIME = "300ms";

export interface ProbedOptions {
  /** YAML of the members. */
  readonly interfaces?: string;
  readonly detectionTime?: string;
  readonly targets?: readonly string[];
  /** Gateways of default routes: targets where none are named. */
  readonly gateways?: readonly string[];
  /** More keys of the group, one per line. */
  readonly more?: readonly string[];
}

/** Its data addresses are those of the standard group, and so are its routes where no gateways are named. */
export function probedConfiguration(options: ProbedOptions = {}): string {
  const { interfaces = PROBED_PAIR, detectionTime = DETECTION_TIME, targets = [], more = [] } = options;
  const { gateways = [ADDRESSES.router[4], ADDRESSES.router[6]] } = options;
  const lines = [
    `interfaces: ${interfaces}`,
    `addresses: [${DATA.first}/24, ${DATA.second}/24, "${DATA.six}/64"]`,
    `routes: [${gateways.map((via) => `{ to: default, via: "${via}" }`).join(", ")}]`,
    `failure-detection-time: ${detectionTime}`,
    `targets: [${targets.map((target) => `"${target}"`).join(", ")}]`,
    // The tests break the same path more often than an administrator would.
    "flap-limit: off",
    ...more,
  ];
  return `groups:\n  ipmp0:\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

/** The standard group's kernel with the test addresses of the members that are there. */
export function probedPicture(
  division: Parameters<typeof standardPicture>[0],
  addresses: readonly string[],
): HostPicture {
  const picture = standardPicture(division);
  return { ...picture, addresses: [...picture.addresses, ...addresses].sort() };
}

/** Lines of a host picture. */
export const TEST_LINES = [`${TEST.eth0}/32 eth0 link`, `${TEST.eth1}/32 eth1 link`] as const;

/** Starts the daemon and returns when each probed family of each member has been answered: from then on losses count. */
export async function startProbed(laboratory: Laboratory, configuration: string): Promise<LabDaemon> {
  const daemon = await LabDaemon.start(laboratory, configuration);
  await untilAnswered(daemon);
  return daemon;
}

/** Every probed family of every member has been answered, and nobody has failed. */
export function untilAnswered(daemon: LabDaemon): Promise<DaemonSnapshot> {
  return daemon.until(
    "every member to be answered",
    ({ groups, interfaces }) => {
      const probes = interfaces.flatMap((member) => member.probes);
      const answered = probes.length >= interfaces.length && probes.every(({ answered }) => answered > 0);
      return answered && groups.every(({ state }) => state === "ok");
    },
    30_000,
  );
}

export function memberOf({ interfaces }: DaemonSnapshot, name: string): InterfaceSnapshot {
  const member = interfaces.find((one) => one.name === name);
  assert.ok(member, `there is a member ${name}`);
  return member;
}

export function probesOf(snapshot: DaemonSnapshot, name: string, family: Family = 4): FamilyProbeSnapshot {
  const probes = memberOf(snapshot, name).probes.find((one) => one.family === family);
  assert.ok(probes, `IPv${family} of ${name} is probed`);
  return probes;
}

export function targetsOf(
  snapshot: DaemonSnapshot,
  name: string,
  family: Family = 4,
): ProbeTargetsSnapshot | undefined {
  return snapshot.targets.find((row) => row.interface === name && row.family === family);
}

/** `MODE: ADDRESS STATE, ...`: a row of `ipmpstat -t`, with what is thought of each target. */
export function targetLine(snapshot: DaemonSnapshot, name: string, family: Family = 4): string {
  const row = targetsOf(snapshot, name, family);
  const targets = row?.targets.map(({ address, state }) => `${address} ${state}`) ?? [];
  return `${row?.mode}: ${targets.join(", ")}`;
}

/** What was counted of a target as one member asks it. */
export async function statisticsOf(daemon: LabDaemon, name: string, target: string): Promise<ProbeStatistics> {
  const { targets } = await daemon.client.probes();
  const found = targets.find((one) => one.interface === name && one.target === target);
  assert.ok(found, `${name} has asked ${target}`);
  return found;
}

/** The fate of so many probes of each of these members has become known, from now on. */
export async function untilJudged(daemon: LabDaemon, names: readonly string[], count: number, family: Family = 4) {
  const known = (snapshot: DaemonSnapshot) =>
    names.map((name) => {
      const { answered, lost } = probesOf(snapshot, name, family);
      return answered + lost;
    });
  const before = known(await daemon.snapshot());
  const all = (now: readonly number[]) => now.every((number, place) => number >= (before[place] ?? 0) + count);
  const limitMs = 30_000;
  return daemon.until(`${count} probes of ${names.join(" and ")}`, (seen) => all(known(seen)), limitMs);
}

/** Nobody has ever failed: no transition to `failed` in any history, and no line of the log that tells of one. */
export function assertNobodyFailed(daemon: LabDaemon, { interfaces }: DaemonSnapshot): void {
  const failures = interfaces.flatMap(({ name, history }) =>
    history.filter(({ to }) => to === "failed").map(({ reason }) => `${name} ${reason}`),
  );
  assert.deepEqual(failures, []);
  assert.doesNotMatch(daemon.log(), /failure detected|now unusable/);
}

/** Waits for a line of the daemon's log. */
export async function untilLogged(daemon: LabDaemon, pattern: RegExp): Promise<void> {
  await waitFor(
    `a line like ${pattern}`,
    () => daemon.log(),
    (log) => pattern.test(log),
  );
}
