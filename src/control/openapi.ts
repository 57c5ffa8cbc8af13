/** The description of the local API: schemas of everything it answers, and the OpenAPI document made of them. */
import type {
  Configuration,
  DataAddressConfiguration,
  GroupConfiguration,
  MemberConfiguration,
  RouteConfiguration,
} from "../core/configuration.ts";
import type { AddressSnapshot, GroupSnapshot, InterfaceFlags, InterfaceSnapshot } from "../core/snapshot.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { ChangeEvent, MessageEvent, SnapshotEvent } from "./events.ts";
import { either, flag, integer, listOf, object, oneOf, type Schema, text } from "./schema.ts";
import { type DaemonSnapshot, type DaemonStatus, SNAPSHOT_VERSION } from "./snapshot.ts";

/** The one form of every error that the API answers. */
export interface ErrorAnswer {
  /** Stable, for programs. */
  readonly code: string;
  /** What was found, for people. */
  readonly message: string;
  /** What would be right. */
  readonly detail: string;
}

const family: Schema = { type: "integer", enum: [4, 6] };
const prefix = { family, address: text, prefixLength: integer, subnet: text, broadcast: text };

const group = object<GroupSnapshot>({
  name: text,
  groupName: text,
  state: oneOf("ok", "degraded", "failed"),
  failureDetectionTimeMs: { type: ["integer", "null"], description: "null while no member is probed" },
  active: listOf(text),
  inactive: listOf(text),
  unusable: listOf(text),
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

const networkInterface = object<InterfaceSnapshot>({
  name: text,
  index: { type: ["integer", "null"], description: "null while the interface does not exist" },
  group: text,
  active: flag,
  flags,
  link: oneOf("up", "down", "unknown"),
  probe: oneOf("ok", "failed", "unknown", "disabled"),
  state: oneOf("ok", "failed", "unknown", "offline"),
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

const allowed: Schema = {
  anyOf: [{ type: "boolean", const: true }, { type: "string" }],
  description: "true, or the reason why not",
};

const snapshot = object<DaemonSnapshot>({
  version: { type: "integer", const: SNAPSHOT_VERSION },
  daemon: object<DaemonStatus>({ version: text, pid: integer, startedAt: text, configurationFile: text }),
  kernel: object<KernelStatus>({ realtime: allowed, locked: allowed, dropped: integer, plansFired: integer }),
  groups: listOf(group),
  interfaces: listOf(networkInterface),
  addresses: listOf(address),
});

const groupConfiguration = object<GroupConfiguration>({
  name: text,
  groupInterface: flag,
  failback: flag,
  members: listOf(
    object<MemberConfiguration>({ name: text, standby: flag, testAddresses: listOf(object<typeof prefix>(prefix)) }),
  ),
  addresses: listOf(object<DataAddressConfiguration>({ ...prefix, prefer: text }, ["prefer"])),
  routes: listOf(object<RouteConfiguration>({ family, to: text, via: text, metric: integer, source: text })),
  spread: oneOf("l3", "l4", "none"),
});

const change = (type: string, value: Schema): Schema =>
  object<ChangeEvent<string, unknown>>({
    type: { type: "string", const: type },
    time: text,
    name: text,
    before: either(value, { type: "null" }),
    after: either(value, { type: "null" }),
  });

const event = either(
  object<SnapshotEvent>({ type: { type: "string", const: "snapshot" }, time: text, snapshot }),
  object<MessageEvent>({
    type: { type: "string", const: "message" },
    time: text,
    level: oneOf("error", "warning", "info", "debug"),
    text,
    cause: text,
    message: { type: "object", description: "id and fields of the message" },
  }),
  change("group", group),
  change("interface", networkInterface),
  change("address", address),
);

/** Schemas by name, as they stand in the document. */
export const SCHEMAS = {
  Snapshot: snapshot,
  Groups: listOf(group),
  Interfaces: listOf(networkInterface),
  Addresses: listOf(address),
  Configuration: object<Configuration>({ groups: listOf(groupConfiguration) }),
  Event: event,
  Error: object<ErrorAnswer>({ code: text, message: text, detail: text }),
} as const satisfies Record<string, Schema>;

const get = (summary: string, schema: Schema, mediaType = "application/json") => ({
  get: {
    summary,
    responses: {
      "200": { description: summary, content: { [mediaType]: { schema } } },
      default: {
        description: "An error",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  },
});

const named = (name: keyof typeof SCHEMAS) => ({ $ref: `#/components/schemas/${name}` }) as Schema;

/** What `GET /v1/openapi.json` answers. */
export const OPENAPI_DOCUMENT = {
  openapi: "3.1.0",
  info: { title: "ipmpd local API", version: "1", description: "HTTP/1.1 on unix sockets. Read only in this version." },
  paths: {
    "/v1/snapshot": get("Everything below from one moment, with the state of the daemon", named("Snapshot")),
    "/v1/groups": get("The groups, newest first", named("Groups")),
    "/v1/interfaces": get("The members of all groups, newest first", named("Interfaces")),
    "/v1/addresses": get("The data addresses, newest first", named("Addresses")),
    "/v1/config": get("The configuration in force", named("Configuration")),
    "/v1/events": get(
      "Server-sent events: a snapshot, then every message and state change",
      named("Event"),
      "text/event-stream",
    ),
    "/v1/openapi.json": get("This description", { type: "object" }),
  },
  components: { schemas: SCHEMAS },
} as const;
