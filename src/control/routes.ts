/** From a request to what is to be done about it, without sockets. */
import type { ConfigurationFile } from "../config/file-form.ts";
import type { RequestRefusal } from "../core/actions.ts";

import { type Answer, errorAnswer, type ReloadResult } from "./answers.ts";
import { APPLY_CONFIGURATION, type Change, offlineChange, onlineChange, RELOAD } from "./changes.ts";
import { OPENAPI_DOCUMENT } from "./openapi.ts";
import type { ProbeEvent, ProbesReport } from "./probes.ts";
import type { DaemonSnapshot } from "./snapshot.ts";

export type { ReloadResult } from "./answers.ts";

/** Where the answers come from, and who carries out what is asked. */
export interface ControlSource {
  /**
   * One consistent picture. A `fresh` one is as of the moment at which the promise is kept: events tell of what changes from then
   * on.
   */
  snapshot(options?: { readonly fresh: boolean }): Promise<DaemonSnapshot>;
  /** What was counted of the targets of probes. */
  probes(): Promise<ProbesReport>;
  /** Tells `listener` of every single probe, until the function that is returned has been called. */
  followProbes(listener: (event: ProbeEvent) => void): () => void;
  /** The configuration in force, in the form that `applyConfiguration` takes. */
  configuration(): Promise<ConfigurationFile>;
  /**
   * Takes an interface out of service, or brings it back; resolves when that is done, or with the reason why it was refused.
   * `minimumRedundancy`: so many other members must be usable; it has no meaning for "online".
   */
  request(op: "offline" | "online", name: string, minimumRedundancy: number): Promise<RequestRefusal | undefined>;
  /** Reads the files again and puts them into force. */
  reload(): Promise<ReloadResult>;
  /** Puts this text (YAML or JSON, as in the file) into force until the next reload; writes no file. */
  applyConfiguration(text: string): Promise<ReloadResult>;
}

type Read = (source: ControlSource) => Promise<unknown>;

/** What goes on until the client goes. */
export type StreamKind = "events" | "probes";

/** What is at one path. */
interface Place {
  readonly read?: Read | StreamKind;
  readonly change?: { readonly method: "POST" | "PUT"; readonly change: Change };
}

/** A map, not an object: "/constructor" and the like must stay unknown. */
const PLACES = new Map<string, Place>([
  ["/v1/snapshot", { read: (source) => source.snapshot() }],
  ["/v1/groups", { read: async (source) => (await source.snapshot()).groups }],
  ["/v1/interfaces", { read: async (source) => (await source.snapshot()).interfaces }],
  ["/v1/addresses", { read: async (source) => (await source.snapshot()).addresses }],
  ["/v1/targets", { read: async (source) => (await source.snapshot()).targets }],
  [
    "/v1/config",
    {
      read: (source) => source.configuration(),
      change: { method: "PUT", change: APPLY_CONFIGURATION },
    },
  ],
  ["/v1/reload", { change: { method: "POST", change: RELOAD } }],
  ["/v1/probes", { read: (source) => source.probes() }],
  ["/v1/probes/stream", { read: "probes" }],
  ["/v1/events", { read: "events" }],
  ["/v1/openapi.json", { read: async () => OPENAPI_DOCUMENT }],
]);

const INTERFACE_CHANGES = { offline: offlineChange, online: onlineChange } as const;
const INTERFACE_PATH = /^\/v1\/interfaces\/([^/]+)\/(offline|online)$/;

function placeAt(path: string): Place | undefined {
  const [, name, op] = INTERFACE_PATH.exec(path) ?? [];
  if (name === undefined) return PLACES.get(path);
  const change = INTERFACE_CHANGES[op as keyof typeof INTERFACE_CHANGES](name);
  return { change: { method: "POST", change } };
}

export interface Question {
  readonly method: string;
  /** Without the query part. */
  readonly path: string;
  readonly hasBody: boolean;
  /** True on the socket that only the privileged can open. */
  readonly mayChange: boolean;
}

export type Task =
  | { readonly kind: "refuse"; readonly answer: Answer }
  | { readonly kind: "read"; readonly read: Read }
  | { readonly kind: "stream"; readonly of: StreamKind }
  | { readonly kind: "change"; readonly change: Change };

/** What the question asks for, or why it can not be had. */
export function taskOf({ method, path, hasBody, mayChange }: Question): Task {
  const place = placeAt(path);
  if (place === undefined) return refuse(unknownPath());
  const { read, change } = place;
  if (change?.method === method) {
    if (!mayChange) return refuse(changesNotAllowed());
    const refused = hasBody && change.change.longestBodyBytes === 0;
    return refused ? refuse(bodyNotAllowed()) : { kind: "change", change: change.change };
  }
  if (read === undefined || (method !== "GET" && method !== "HEAD")) return refuse(methodNotAllowed(place));
  if (hasBody) return refuse(bodyNotAllowed());
  return typeof read === "string" ? { kind: "stream", of: read } : { kind: "read", read };
}

const refuse = (answer: Answer): Task => ({ kind: "refuse", answer });

function unknownPath(): Answer {
  const known = [...PLACES.keys(), "/v1/interfaces/NAME/offline", "/v1/interfaces/NAME/online"].join(", ");
  return errorAnswer(404, "UNKNOWN_PATH", "There is nothing at this path.", `Known: ${known}`);
}

function methodNotAllowed({ read, change }: Place): Answer {
  const methods = [...(read === undefined ? [] : ["GET", "HEAD"]), ...(change === undefined ? [] : [change.method])];
  const message = change === undefined ? "This path can only be read." : "This path does not take this method.";
  const refusal = errorAnswer(405, "METHOD_NOT_ALLOWED", message, `Use ${methods.join(" or ")}.`);
  return { ...refusal, headers: { Allow: methods.join(", ") } };
}

function changesNotAllowed(): Answer {
  const detail = "Ask on control.sock, which root and the group ipmp can open.";
  return errorAnswer(403, "CHANGES_NOT_ALLOWED", "Nothing can be changed through this socket.", detail);
}

function bodyNotAllowed(): Answer {
  return errorAnswer(413, "BODY_NOT_ALLOWED", "The request has a body.", "Send no body here.");
}
