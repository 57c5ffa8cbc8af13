/** From a request to an answer, without sockets. */
import type { RequestRefusal } from "../core/actions.ts";
import type { Configuration } from "../core/configuration.ts";
import { type ErrorAnswer, OPENAPI_DOCUMENT } from "./openapi.ts";
import type { DaemonSnapshot } from "./snapshot.ts";

/** What became of a new configuration. Where it is not `ok` nothing has changed. */
export type ReloadResult =
  | { readonly ok: true; readonly warnings: readonly string[] }
  /** `problems`: at least one, each with file, line and column where there is such a place. */
  | { readonly ok: false; readonly code: "BAD_CONFIGURATION" | "NOT_READABLE"; readonly problems: readonly string[] };

/** Where the answers come from, and who carries out what is asked. */
export interface ControlSource {
  /** One consistent picture. */
  snapshot(): Promise<DaemonSnapshot>;
  /** The configuration in force. */
  configuration(): Configuration;
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

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Route = (source: ControlSource) => Promise<unknown>;

export const EVENTS_PATH = "/v1/events";

/** A map, not an object: "/constructor" and the like must stay unknown. */
const ROUTES = new Map<string, Route>([
  ["/v1/snapshot", (source) => source.snapshot()],
  ["/v1/groups", async (source) => (await source.snapshot()).groups],
  ["/v1/interfaces", async (source) => (await source.snapshot()).interfaces],
  ["/v1/addresses", async (source) => (await source.snapshot()).addresses],
  ["/v1/config", async (source) => source.configuration()],
  ["/v1/openapi.json", async () => OPENAPI_DOCUMENT],
]);

export interface Question {
  readonly method: string;
  /** Without the query part. */
  readonly path: string;
  readonly hasBody: boolean;
}

/** Why the question can not be answered at all, or undefined. */
export function refusalOf(question: Question): Answer | undefined {
  if (question.path !== EVENTS_PATH && !ROUTES.has(question.path)) {
    const known = [...ROUTES.keys(), EVENTS_PATH].join(", ");
    return errorAnswer(404, "UNKNOWN_PATH", "There is nothing at this path.", `Known: ${known}`);
  }
  if (question.method !== "GET" && question.method !== "HEAD") {
    const refusal = errorAnswer(405, "METHOD_NOT_ALLOWED", "This path can only be read.", "Use GET or HEAD.");
    return { ...refusal, headers: { Allow: "GET, HEAD" } };
  }
  if (question.hasBody) {
    return errorAnswer(413, "BODY_NOT_ALLOWED", "The request has a body.", "Send no body when reading.");
  }
  return undefined;
}

/** Answers a question that was not refused. A source that fails gives a 500, never an exception. */
export async function answer(path: string, source: ControlSource): Promise<Answer> {
  try {
    return { status: 200, body: await ROUTES.get(path)?.(source) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return errorAnswer(500, "INTERNAL", "The daemon could not answer.", detail);
  }
}

export function errorAnswer(status: number, code: string, message: string, detail: string): Answer {
  return { status, body: { code, message, detail } satisfies ErrorAnswer };
}
