/** One question to the daemon and its answer, which is believed only when it has been checked. */
import { type IncomingMessage, request } from "node:http";
import type { ErrorAnswer } from "./answers.ts";
import { ControlError, systemCode } from "./errors.ts";
import { misfit, type Schema } from "./schema.ts";
import { SCHEMAS } from "./schemas.ts";

/** Characters. Thousands of addresses fit; a daemon gone mad does not. */
export const LONGEST_ANSWER = 16 * 1024 * 1024;

/** What a connection attempt says where no daemon listens for us. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "ECONNREFUSED", "EAGAIN", "ELOOP", "ENAMETOOLONG"]);
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  /** "" for none. */
  readonly body: string;
}

/** Resolves when the answer begins. Rejects with the system's error where there is none. */
export function ask(socketPath: string, call: Call, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, path, body } = call;
  return new Promise((resolve, reject) => {
    const headers = body === "" ? {} : { "Content-Length": Buffer.byteLength(body) };
    // No agent: a connection kept alive would keep the tool alive.
    const exchange = request({ socketPath, method, path, headers, signal, agent: false }, resolve);
    exchange.on("error", reject);
    exchange.end(body);
  });
}

/** Nobody listens at the socket. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(systemCode(error));
}

/** The socket is not for us. */
export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.has(systemCode(error));
}

/** The whole body. */
export async function bodyOf(answer: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    body += chunk;
    if (body.length > LONGEST_ANSWER) {
      throw new ControlError("PROTOCOL", `The daemon's answer is longer than ${LONGEST_ANSWER} characters`);
    }
  }
  return body;
}

/** The value that `body` stands for; a newer daemon may say more than the schema knows. Throws PROTOCOL. */
export function checked(body: string, schema: Schema): unknown {
  const value = parse(body);
  const fault = misfit(schema, value, "answer", { exact: false });
  if (fault === undefined) return value;
  throw new ControlError("PROTOCOL", `The daemon's answer is not understood: ${fault}`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ControlError("PROTOCOL", `The daemon's answer is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** The error that the daemon answered with, as one of ours. */
export function refused(body: string): ControlError {
  const refusal = checked(body, SCHEMAS.Error) as ErrorAnswer;
  const { code, message, detail } = refusal;
  return new ControlError("REFUSED", `The daemon refused: ${message} ${detail} (${code})`, { refusal });
}
