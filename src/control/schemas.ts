/** Schemas of everything that the local API answers and takes. The compiler reports a field that is missing here. */
import type { ConfigurationFile, DataAddressFile, GroupFile, MemberFile, RouteFile } from "../config/file-form.ts";
import type { StateReason } from "../core/memory.ts";
import type {
  AddressSnapshot,
  FamilyProbeSnapshot,
  GroupSnapshot,
  InterfaceFlags,
  InterfaceSnapshot,
  ProbeTargetsSnapshot,
  TargetSnapshot,
  TransitionSnapshot,
} from "../core/snapshot.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { ProberStatus } from "../prober/statistics.ts";
import type { Done, ErrorAnswer } from "./answers.ts";
import type { ChangeEvent, MessageEvent, SnapshotEvent } from "./events.ts";
import type { ProbeEvent, ProbeKind, ProbeStatistics, ProbesReport } from "./probes.ts";
import {
  either,
  flag,
  integer,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  orNull,
  type Schema,
  text,
  wordOf,
} from "./schema.ts";
import { type DaemonSnapshot, type DaemonStatus, SNAPSHOT_VERSION } from "./snapshot.ts";

const family: Schema = { type: "integer", enum: [4, 6] };
const time: Schema = { type: "string", description: "ISO 8601, UTC" };
const state = oneOf("ok", "failed", "unknown", "offline");
const probe = oneOf("ok", "failed", "unknown", "disabled");

const group = object<GroupSnapshot>({
  name: text,
  groupName: text,
  state: oneOf("ok", "degraded", "failed"),
  failureDetectionTimeMs: {
    type: ["number", "null"],
    description: "in force; null while no member is probed",
  },
  configuredFailureDetectionTimeMs: {
    ...number,
    description: "asked for; the one in force is greater while targets are too slow for it",
  },
  active: listOf(text),
  inactive: listOf(text),
  unusable: listOf(text),
  impairments: { ...listOf(text), description: "why it is not ok though its members are" },
  bypasses: { ...listOf(text), description: "routes of others that lead traffic past the group" },
});

const flags = object<InterfaceFlags>({
  inactive: flag,
  standby: flag,
  multicast4: flag,
  broadcast4: flag,
  multicast6: flag,
  down: flag,
  duplicate: flag,
});

const reason = wordOf<StateReason>({
  absent: "there is no such link",
  new: "nothing has happened to it yet",
  "link-down": "its link went down",
  enslaved: "it belongs to a bridge or bond",
  "probes-lost": "its probes were not answered",
  "group-failure": "nobody's probes were answered: judged with the whole group",
  "no-targets": "there is nobody to probe",
  administrator: "an administrator's wish",
  "duplicate-hardware-address": "another member has its hardware address",
  flapping: "good again, but held down until it is stable",
  "link-up-delay": "its link is up, and its switch port may not forward yet",
  repaired: "it was bad, and is good again",
});

const familyProbe = object<FamilyProbeSnapshot>({
  family,
  probe,
  answered: integer,
  lastAnswer: orNull(time),
  lost: integer,
  unsent: { ...integer, description: "never held against the interface" },
  ambiguous: { ...integer, description: "replies that fit no probe" },
});

const networkInterface = object<InterfaceSnapshot>({
  name: text,
  index: { type: ["integer", "null"], description: "null while the interface does not exist" },
  group: { ...text, description: "empty for an interface of no group" },
  active: flag,
  flags,
  link: oneOf("up", "down", "unknown"),
  probe,
  state,
  reason,
  since: time,
  history: {
    ...listOf(object<TransitionSnapshot>({ at: time, from: state, to: state, reason })),
    description: "the latest transitions, oldest first",
  },
  probes: listOf(familyProbe),
});

const address = object<AddressSnapshot>({
  family,
  address: text,
  prefixLength: integer,
  state: oneOf("up", "down"),
  group: text,
  inbound: { type: ["string", "null"], description: "the member that carries it, or null" },
  outbound: listOf(text),
});

const targetKind = oneOf("configured", "host-route", "router", "host");
const targetState = oneOf("active", "unused", "slow", "dead");
const meanMs: Schema = { type: ["number", "null"], description: "smoothed round trip; null before the first answer" };
const deviationMs: Schema = { type: ["number", "null"], description: "its mean deviation" };

const target = object<TargetSnapshot>({ address: text, kind: targetKind, state: targetState, meanMs, deviationMs });

const probeTargets = object<ProbeTargetsSnapshot>({
  interface: text,
  family: orNull(family),
  mode: oneOf("routes", "multicast", "transitive", "disabled"),
  testAddress: { type: ["string", "null"], description: "what probes leave from; null: ARP requests, or none at all" },
  targets: { ...listOf(target), description: "in firing order; those that are not probed at the moment come last" },
});

const allowed: Schema = {
  anyOf: [{ type: "boolean", const: true }, { type: "string" }],
  description: "true, or the reason why not",
};

const prober = object<ProberStatus>({
  realtime: allowed,
  locked: allowed,
  stalls: { ...integer, description: "how often the prober itself came too late" },
  longestStallMs: number,
  unsent: { ...integer, description: "probes that never left for that; never held against anybody" },
  forged: { ...integer, description: "replies with no token of ours" },
  wrongInterface: {
    ...integer,
    description: "replies that bring back the token of another path; sockets are bound, so there should be none",
  },
  dropped: { ...integer, description: "results that nobody fetched in time" },
});

const snapshot = object<DaemonSnapshot>({
  version: { type: "integer", const: SNAPSHOT_VERSION },
  daemon: object<DaemonStatus>({ version: text, pid: integer, startedAt: time, configurationFile: text }),
  kernel: object<KernelStatus>({ realtime: allowed, locked: allowed, dropped: integer, plansFired: integer }),
  prober,
  groups: listOf(group),
  interfaces: listOf(networkInterface),
  addresses: listOf(address),
  targets: listOf(probeTargets),
});

const fate = wordOf<ProbeKind>({
  answered: "a reply came, in time or late",
  lost: "no reply came in time; one may still come",
  stray: "a reply came that proves nothing: the probe was answered before, not by whom was asked, or too old",
  unsent: "the prober itself was late, and did not send it",
  refused: "the kernel did not send it",
});

const method = wordOf({ echo: "ICMP or ICMPv6 echo requests", arp: "ARP requests, of a member without an address" });
const source: Schema = { ...text, description: "what the probes leave from; 0.0.0.0 of ARP requests" };

const probeEvent = object<ProbeEvent>({
  type: { type: "string", const: "probe" },
  interface: text,
  group: { ...text, description: "empty for an interface of no group" },
  family,
  method,
  source,
  kind: fate,
  sequence: { ...integer, description: "counts the probes of one family of one interface" },
  target: text,
  from: { type: ["string", "null"], description: "who answered, or null" },
  sentAt: time,
  sentAtMs: { ...number, description: "the same on CLOCK_MONOTONIC" },
  networkRoundTripMs: { type: ["number", "null"], description: "the network's share, by the kernel's time stamps" },
  roundTripMs: { type: ["number", "null"], description: "until the reply was read" },
  meanMs,
  deviationMs,
  refusal: { type: ["string", "null"], description: "of a refused one: the kernel's error" },
  missed: { ...integer, description: "so many before it are not told of: they were not fetched in time" },
});

const milliseconds = orNull(number);

const probes = object<ProbesReport>({
  prober,
  targets: listOf(
    object<ProbeStatistics>({
      interface: text,
      group: { ...text, description: "empty for an interface of no group" },
      family,
      method,
      source,
      target: text,
      kind: orNull(targetKind),
      state: orNull(targetState),
      sent: integer,
      answered: { ...integer, description: "in time or late" },
      late: { ...integer, description: "of those, after they had been given up" },
      lost: integer,
      unsent: { ...integer, description: "never left: our own lateness, or refused by the kernel" },
      ambiguous: { ...integer, description: "genuine replies that prove nothing: the next three together" },
      duplicate: { ...integer, description: "replies to a probe that was answered before" },
      wrongSource: { ...integer, description: "replies from another address than the one asked" },
      tooOld: { ...integer, description: "replies to probes of which nothing is known any more" },
      meanMs,
      deviationMs,
      minimumMs: milliseconds,
      maximumMs: milliseconds,
      lossRate: { type: ["number", "null"], description: "0 to 1, of the last 100 whose fate is known" },
    }),
  ),
});

const groupFile = object<GroupFile>(
  {
    "group-interface": flag,
    failback: flag,
    "failure-detection-time": { ...text, description: "with its unit: 10s, 500ms" },
    "failure-detection-time-limit": { ...text, description: "absent: ten times the failure detection time" },
    "fail-on": oneOf("all-families", "any-family"),
    "flap-limit": { ...text, description: "2/60s, or off" },
    "link-up-delay": { ...text, description: "with its unit: 30s; or off" },
    "transitive-probing": flag,
    interfaces: mapOf(object<MemberFile>({ standby: flag, "test-address": listOf(text) })),
    addresses: listOf(object<DataAddressFile>({ address: text, prefer: text }, ["prefer"])),
    routes: listOf(object<RouteFile>({ to: text, via: text, metric: integer })),
    targets: listOf(text),
    spread: oneOf("l3", "l4", "none"),
  },
  ["failure-detection-time-limit"],
);

const change = (type: string, value: Schema): Schema =>
  object<ChangeEvent<string, unknown>>({
    type: { type: "string", const: type },
    time,
    name: text,
    before: orNull(value),
    after: orNull(value),
  });

const event = either(
  object<SnapshotEvent>({ type: { type: "string", const: "snapshot" }, time, snapshot }),
  object<MessageEvent>({
    type: { type: "string", const: "message" },
    time,
    level: oneOf("error", "warning", "info", "debug"),
    text,
    cause: text,
    message: { type: "object", description: "id and fields of the message" },
  }),
  change("group", group),
  change("interface", networkInterface),
  change("address", address),
);

/** What `POST /v1/interfaces/NAME/offline` takes. */
export interface OfflineOrder {
  /** So many other members must be usable. Default 1; 0 can not be refused for that. */
  readonly minimumRedundancy?: number;
}

/** Schemas by name, as they stand in the OpenAPI document. */
export const SCHEMAS = {
  Snapshot: snapshot,
  Groups: listOf(group),
  Interfaces: listOf(networkInterface),
  Addresses: listOf(address),
  Targets: listOf(probeTargets),
  Configuration: object<ConfigurationFile>({ "track-ungrouped": flag, groups: mapOf(groupFile) }),
  Event: event,
  Probes: probes,
  ProbeEvent: probeEvent,
  OfflineOrder: object<OfflineOrder>({ minimumRedundancy: { type: "integer", minimum: 0 } }, ["minimumRedundancy"]),
  Done: object<Done>({ warnings: listOf(text) }),
  Error: object<ErrorAnswer>({ code: text, message: text, detail: text }),
} as const satisfies Record<string, Schema>;
