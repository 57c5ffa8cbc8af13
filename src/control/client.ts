/** Talks to a running daemon. Starts fast (no library, no addon) and believes nothing that it has not checked. */
import type { IncomingMessage } from "node:http";
import type { ConfigurationFile } from "../config/file-form.ts";
import type { Done } from "./answers.ts";
import { ControlError, systemCode } from "./errors.ts";
import { eventData } from "./event-stream.ts";
import type { ControlEvent } from "./events.ts";
import { ask, bodyOf, type Call, checked, isAbsent, isForbidden, LONGEST_ANSWER, refused } from "./exchange.ts";
import type { ProbeEvent, ProbesReport } from "./probes.ts";
import { defaultRuntimeDirectory, socketPaths } from "./runtime-directory.ts";
import type { Schema } from "./schema.ts";
import { type OfflineOrder, SCHEMAS } from "./schemas.ts";
import type { DaemonSnapshot } from "./snapshot.ts";

export { ControlError } from "./errors.ts";
export type { ControlEvent } from "./events.ts";
export type { ProbeEvent, ProbeStatistics, ProbesReport } from "./probes.ts";
export type { DaemonSnapshot } from "./snapshot.ts";

export interface ClientOptions {
  /** Default: IPMP_RUNTIME_DIR, else /run/ipmp. */
  readonly runtimeDir?: string;
  /** For a whole answer, and for a stream to begin. Default 5000, as Solaris's tools wait. */
  readonly timeoutMs?: number;
  /** For a change to be made. Default 35000: longer than the daemon itself waits, so that its word is heard. */
  readonly changeTimeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_CHANGE_TIMEOUT_MS = 35_000;

/** All methods throw ControlError: NO_DAEMON, TIMEOUT, PROTOCOL or REFUSED; those that change something also NOT_ALLOWED. */
export class Client {
  readonly #runtimeDir: string;
  readonly #timeoutMs: number;
  readonly #changeTimeoutMs: number;

  constructor(options: ClientOptions = {}) {
    this.#runtimeDir = options.runtimeDir ?? defaultRuntimeDirectory();
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#changeTimeoutMs = options.changeTimeoutMs ?? DEFAULT_CHANGE_TIMEOUT_MS;
  }

  /** One consistent picture. */
  async snapshot(): Promise<DaemonSnapshot> {
    return (await this.#get("/v1/snapshot", SCHEMAS.Snapshot)) as DaemonSnapshot;
  }

  /** What was counted of each target of probes, and how the prober fares. */
  async probes(): Promise<ProbesReport> {
    return (await this.#get("/v1/probes", SCHEMAS.Probes)) as ProbesReport;
  }

  /** The configuration in force, as a file would have it: `applyConfiguration` takes it as JSON. */
  async configuration(): Promise<ConfigurationFile> {
    return (await this.#get("/v1/config", SCHEMAS.Configuration)) as ConfigurationFile;
  }

  /**
   * Takes an interface out of service; resolves when nothing depends on it any more. REFUSED carries UNKNOWN_INTERFACE,
   * ALREADY_OFFLINE or MINIMUM_REDUNDANCY.
   */
  async offline(name: string, order: OfflineOrder = {}): Promise<void> {
    await this.#change({ method: "POST", path: interfacePath(name, "offline"), body: JSON.stringify(order) });
  }

  /**
   * Brings an interface back that was taken out of service. REFUSED carries UNKNOWN_INTERFACE, NOT_OFFLINE or
   * DUPLICATE_HARDWARE_ADDRESS.
   */
  async online(name: string): Promise<void> {
    await this.#change({ method: "POST", path: interfacePath(name, "online"), body: "" });
  }

  /**
   * Has the daemon read its files again. Resolves with the warnings, each with its place. REFUSED carries
   * BAD_CONFIGURATION or NOT_READABLE; `refusal.detail` has one problem per line then, and nothing has changed.
   */
  async reload(): Promise<readonly string[]> {
    return (await this.#change({ method: "POST", path: "/v1/reload", body: "" })).warnings;
  }

  /** Puts the text of a configuration file into force until the next reload. As `reload` in all else. */
  async applyConfiguration(text: string): Promise<readonly string[]> {
    return (await this.#change({ method: "PUT", path: "/v1/config", body: text })).warnings;
  }

  /**
   * A snapshot, then everything that happens, until `signal` is aborted (the iteration ends) or the daemon goes away
   * (PROTOCOL). A reader that is too slow is cut off by the daemon, and can start again.
   */
  events(signal?: AbortSignal): AsyncGenerator<ControlEvent> {
    return this.#follow<ControlEvent>("/v1/events", SCHEMAS.Event, signal);
  }

  /** Every single probe whose fate becomes known, from now on. Ends, and cuts off slow readers, as `events` does. */
  followProbes(signal?: AbortSignal): AsyncGenerator<ProbeEvent> {
    return this.#follow<ProbeEvent>("/v1/probes/stream", SCHEMAS.ProbeEvent, signal);
  }

  async *#follow<Event>(path: string, schema: Schema, signal: AbortSignal | undefined): AsyncGenerator<Event> {
    const started = new AbortController();
    const timer = setTimeout(() => started.abort(), this.#timeoutMs);
    const both = signal === undefined ? started.signal : AbortSignal.any([signal, started.signal]);
    try {
      const answer = await this.#open(path, both);
      clearTimeout(timer);
      if (answer.statusCode !== 200) throw refused(await bodyOf(answer));
      for await (const data of eventData(answer.setEncoding("utf8"), LONGEST_ANSWER)) {
        yield checked(data, schema) as Event;
      }
      throw new ControlError("PROTOCOL", "The daemon has ended the stream");
    } catch (error) {
      if (!signal?.aborted) throw translated(error, started.signal, this.#timeoutMs);
    } finally {
      clearTimeout(timer);
      started.abort();
    }
  }

  async #get(path: string, schema: Schema): Promise<unknown> {
    return await inTime(this.#timeoutMs, async (deadline) => {
      const answer = await this.#open(path, deadline);
      return await understood(answer, schema);
    });
  }

  /** Only through `control.sock`: no other one takes changes. */
  async #change(call: Call): Promise<Done> {
    const socketPath = socketPaths(this.#runtimeDir).control;
    return await inTime(this.#changeTimeoutMs, async (deadline) => {
      const answer = await ask(socketPath, call, deadline).catch((error) => {
        throw unheard(error, socketPath);
      });
      return (await understood(answer, SCHEMAS.Done)) as Done;
    });
  }

  /** The first socket that lets us in: `control.sock` for the privileged, `status.sock` for everybody. */
  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { control, status } = socketPaths(this.#runtimeDir);
    const tried: string[] = [];
    for (const socketPath of [control, status]) {
      try {
        return await ask(socketPath, { method: "GET", path, body: "" }, signal);
      } catch (error) {
        if (!isAbsent(error) && !isForbidden(error)) throw error;
        tried.push(`${socketPath}: ${systemCode(error)}`);
      }
    }
    throw noDaemon(tried);
  }
}

function interfacePath(name: string, op: "offline" | "online"): string {
  return `/v1/interfaces/${encodeURIComponent(name)}/${op}`;
}

async function understood(answer: IncomingMessage, schema: Schema): Promise<unknown> {
  const body = await bodyOf(answer);
  if (answer.statusCode !== 200) throw refused(body);
  return checked(body, schema);
}

async function inTime<Value>(limitMs: number, work: (deadline: AbortSignal) => Promise<Value>): Promise<Value> {
  const deadline = AbortSignal.timeout(limitMs);
  try {
    return await work(deadline);
  } catch (error) {
    throw translated(error, deadline, limitMs);
  }
}

function noDaemon(tried: readonly string[]): ControlError {
  const remedy = "start it, or name the directory of its sockets in IPMP_RUNTIME_DIR";
  return new ControlError("NO_DAEMON", `Cannot contact ipmpd (${tried.join("; ")}): it is not running here; ${remedy}`);
}

/** Why a change could not be asked for. */
function unheard(error: unknown, socketPath: string): unknown {
  const tried = `${socketPath}: ${systemCode(error)}`;
  if (isAbsent(error)) return noDaemon([tried]);
  if (!isForbidden(error)) return error;
  const text = `Not allowed to change anything (${tried}). Be root or in the group ipmp`;
  return new ControlError("NOT_ALLOWED", text, { cause: error });
}

function translated(cause: unknown, deadline: AbortSignal, limitMs: number): ControlError {
  if (cause instanceof ControlError) return cause;
  // Asked of the signal: an answer that is cut short by it looks like a connection reset.
  if (deadline.aborted) {
    return new ControlError("TIMEOUT", `The daemon did not answer within ${limitMs} ms`, { cause });
  }
  if (systemCode(cause) === "ECONNRESET") {
    return new ControlError("PROTOCOL", "The daemon closed the connection before its answer was complete", { cause });
  }
  return new ControlError("PROTOCOL", `Unable to communicate with the daemon: ${(cause as Error).message}`, {
    cause,
  });
}
