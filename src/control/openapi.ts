/** The OpenAPI document of the local API, made of the schemas that are checked against. */
import type { Schema } from "./schema.ts";
import { SCHEMAS } from "./schemas.ts";

type Name = keyof typeof SCHEMAS;

const named = (name: Name) => ({ $ref: `#/components/schemas/${name}` }) as Schema;

const content = (schema: Schema, mediaType = "application/json") => ({ [mediaType]: { schema } });

const operation = (summary: string, schema: Schema, mediaType?: string) => ({
  summary,
  responses: {
    "200": { description: summary, content: content(schema, mediaType) },
    default: { description: "An error", content: content(named("Error")) },
  },
});

const get = (summary: string, schema: Schema, mediaType?: string) => ({ get: operation(summary, schema, mediaType) });

const ONLY_CONTROL = "Only on control.sock; 403 elsewhere.";

const change = (summary: string) => ({ ...operation(summary, named("Done")), description: ONLY_CONTROL });

const INTERFACE_NAME = [
  { name: "name", in: "path", required: true, description: "percent-encoded", schema: { type: "string" } },
] as const;

/** What `GET /v1/openapi.json` answers. */
export const OPENAPI_DOCUMENT = {
  openapi: "3.1.0",
  info: {
    title: "ipmpd local API",
    version: "1",
    description:
      "HTTP/1.1 on unix sockets: control.sock for root and the group ipmp, status.sock (read only) for everybody.",
  },
  paths: {
    "/v1/snapshot": get("Everything below from one moment, with the state of the daemon", named("Snapshot")),
    "/v1/groups": get("The groups, newest first", named("Groups")),
    "/v1/interfaces": get("The members of all groups, newest first", named("Interfaces")),
    "/v1/addresses": get("The data addresses, newest first", named("Addresses")),
    "/v1/targets": get("Whom each interface probes", named("Targets")),
    "/v1/config": {
      ...get("The configuration in force, in the form of the file: PUT takes it back", named("Configuration")),
      put: {
        ...change("Puts another configuration into force until the next reload; writes no file"),
        requestBody: {
          required: true,
          description: "The text of a configuration file, at most 1 MiB",
          content: { ...content({ type: "string" }, "application/yaml"), ...content({ type: "object" }) },
        },
      },
    },
    "/v1/reload": { post: change("Reads the configuration files again and puts them into force; keeps all history") },
    "/v1/interfaces/{name}/offline": {
      parameters: INTERFACE_NAME,
      post: {
        ...change("Takes an interface out of service"),
        requestBody: { required: false, content: content(named("OfflineOrder")) },
      },
    },
    "/v1/interfaces/{name}/online": {
      parameters: INTERFACE_NAME,
      post: change("Brings an interface back that was taken out of service"),
    },
    "/v1/events": get(
      "Server-sent events: a snapshot, then every message and state change",
      named("Event"),
      "text/event-stream",
    ),
    "/v1/probes": get("What was counted of each target of probes, and how the prober fares", named("Probes")),
    "/v1/probes/stream": get(
      "Server-sent events: every single probe whose fate becomes known, from now on",
      named("ProbeEvent"),
      "text/event-stream",
    ),
    "/v1/openapi.json": get("This description", { type: "object" }),
  },
  components: { schemas: SCHEMAS },
} as const;
