/** Talks to a running daemon. Starts fast (no library, no addon) and believes nothing that it has not checked. */
import { type IncomingMessage, request } from "node:http";
import type { Configuration } from "../core/configuration.ts";
import { ControlError, systemCode } from "./errors.ts";
import { eventData } from "./event-stream.ts";
import type { ControlEvent } from "./events.ts";
import { type ErrorAnswer, SCHEMAS } from "./openapi.ts";
import { defaultRuntimeDirectory, socketPaths } from "./runtime-directory.ts";
import { misfit, type Schema } from "./schema.ts";
import type { DaemonSnapshot } from "./snapshot.ts";

export { ControlError } from "./errors.ts";
export type { ControlEvent } from "./events.ts";
export type { DaemonSnapshot } from "./snapshot.ts";

export interface ClientOptions {
  /** Default: IPMP_RUNTIME_DIR, else /run/ipmp. */
  readonly runtimeDir?: string;
  /** For a whole answer, and for a stream to begin. Default 5000, as Solaris's tools wait. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5000;
/** Thousands of addresses fit; a daemon gone mad does not. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
/** What a connection attempt says where no daemon listens for us: then the next socket is tried. */
const UNREACHABLE = new Set([
  "ENOENT",
  "ENOTDIR",
  "ECONNREFUSED",
  "EACCES",
  "EPERM",
  "EAGAIN",
  "ELOOP",
  "ENAMETOOLONG",
]);

/** All methods throw ControlError: NO_DAEMON, TIMEOUT, PROTOCOL or REFUSED. */
export class Client {
  readonly #runtimeDir: string;
  readonly #timeoutMs: number;

  constructor(options: ClientOptions = {}) {
    this.#runtimeDir = options.runtimeDir ?? defaultRuntimeDirectory();
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** One consistent picture. */
  async snapshot(): Promise<DaemonSnapshot> {
    return (await this.#get("/v1/snapshot", SCHEMAS.Snapshot)) as DaemonSnapshot;
  }

  /** The configuration in force. */
  async configuration(): Promise<Configuration> {
    return (await this.#get("/v1/config", SCHEMAS.Configuration)) as Configuration;
  }

  /**
   * A snapshot, then everything that happens, until `signal` is aborted (the iteration ends) or the daemon goes away
   * (PROTOCOL). A reader that is too slow is cut off by the daemon, and can start again.
   */
  async *events(signal?: AbortSignal): AsyncGenerator<ControlEvent> {
    const started = new AbortController();
    const timer = setTimeout(() => started.abort(), this.#timeoutMs);
    const both = signal === undefined ? started.signal : AbortSignal.any([signal, started.signal]);
    try {
      const answer = await this.#open("/v1/events", both);
      clearTimeout(timer);
      if (answer.statusCode !== 200) throw refused(await bodyOf(answer));
      for await (const data of eventData(answer.setEncoding("utf8"), LONGEST_ANSWER)) {
        yield checked(data, SCHEMAS.Event) as ControlEvent;
      }
      throw new ControlError("PROTOCOL", "The daemon has ended the stream of events");
    } catch (error) {
      if (!signal?.aborted) throw this.#translate(error, started.signal);
    } finally {
      clearTimeout(timer);
      started.abort();
    }
  }

  async #get(path: string, schema: Schema): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      const answer = await this.#open(path, deadline);
      const body = await bodyOf(answer);
      if (answer.statusCode !== 200) throw refused(body);
      return checked(body, schema);
    } catch (error) {
      throw this.#translate(error, deadline);
    }
  }

  /** The first socket that lets us in: `control.sock` for the privileged, `status.sock` for everybody. */
  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { control, status } = socketPaths(this.#runtimeDir);
    const tried: string[] = [];
    for (const socketPath of [control, status]) {
      try {
        return await ask(socketPath, path, signal);
      } catch (error) {
        if (!UNREACHABLE.has(systemCode(error))) throw error;
        tried.push(`${socketPath}: ${systemCode(error)}`);
      }
    }
    const remedy = "Start ipmpd, or set IPMP_RUNTIME_DIR to its runtime directory";
    throw new ControlError("NO_DAEMON", `Cannot contact ipmpd (${tried.join("; ")}). ${remedy}`);
  }

  #translate(cause: unknown, deadline: AbortSignal): ControlError {
    if (cause instanceof ControlError) return cause;
    // Asked of the signal: an answer that is cut short by it looks like a connection reset.
    if (deadline.aborted) {
      return new ControlError("TIMEOUT", `The daemon did not answer within ${this.#timeoutMs} ms`, { cause });
    }
    if (systemCode(cause) === "ECONNRESET") {
      return new ControlError("PROTOCOL", "The daemon closed the connection before its answer was complete", { cause });
    }
    return new ControlError("PROTOCOL", `Unable to communicate with the daemon: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function ask(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // No agent: a connection kept alive would keep the tool alive.
    const call = request({ socketPath, path, signal, agent: false }, resolve);
    call.on("error", reject);
    call.end();
  });
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    body += chunk;
    if (body.length > LONGEST_ANSWER) {
      throw new ControlError("PROTOCOL", `The daemon's answer is longer than ${LONGEST_ANSWER} characters`);
    }
  }
  return body;
}

function checked(body: string, schema: Schema): unknown {
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

function refused(body: string): ControlError {
  const { code, message, detail } = checked(body, SCHEMAS.Error) as ErrorAnswer;
  return new ControlError("REFUSED", `The daemon refused: ${message} ${detail} (${code})`);
}
