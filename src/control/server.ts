/**
 * The local API: HTTP/1.1 and JSON on two unix sockets; changes on one of them only.
 *
 * Plain `node:http`, no framework: the surface is a dozen of paths. A framework's routing, hooks and schema compiler would
 * be more code in a process that runs as root than all of this folder, and the limits below are set on the http server in any case.
 *
 * Clients are not trusted: `status.sock` is open to every local user. Connections, bytes of headers and bodies, times,
 * streams and unread bytes are bounded per socket, so that a full `status.sock` never shuts root out of `control.sock`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Answer, errorAnswer, failureAnswer } from "./answers.ts";
import { BodyRefused, discardBody, hasBody, readBody } from "./body.ts";
import type { Change } from "./changes.ts";
import { systemCode } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import type { ProbeEvent } from "./probes.ts";
import { type ControlSource, type StreamKind, type Task, taskOf } from "./routes.ts";
import { socketPaths } from "./runtime-directory.ts";
import { type Access, controlAccess, listenAt, makeRuntimeDirectory } from "./socket-file.ts";
import { EventStreams } from "./streams.ts";

/** Bounds on what clients may cost, per socket unless said otherwise. */
export interface ControlLimits {
  readonly connections: number;
  /** Streams among the connections, of whatever kind. */
  readonly streams: number;
  /** Unread bytes of one stream before its client is cut off. */
  readonly streamBufferBytes: number;
  readonly headerBytes: number;
  /** For the whole request to arrive, and for a connection that moves no data. */
  readonly requestTimeoutMs: number;
  /** For the daemon to carry out a change before the client is told to look for itself. */
  readonly changeTimeoutMs: number;
}

export const DEFAULT_LIMITS: ControlLimits = {
  connections: 64,
  streams: 16,
  // A failover of a thousand addresses is some 600 KiB of events within one turn of the loop.
  streamBufferBytes: 1024 * 1024,
  headerBytes: 8 * 1024,
  requestTimeoutMs: 10_000,
  // Clients wait a little longer than this, so that they hear of it.
  changeTimeoutMs: 30_000,
};

/** Where events come from: a node:events EventEmitter that emits "event" will do. */
export interface ControlEvents {
  on(name: "event", listener: (event: ControlEvent) => void): unknown;
  off(name: "event", listener: (event: ControlEvent) => void): unknown;
}

export interface ControlServerOptions {
  /** Made (0755) if missing. */
  readonly runtimeDir: string;
  readonly source: ControlSource;
  readonly events?: ControlEvents;
  readonly limits?: Partial<ControlLimits>;
}

/** Those who came in by one door. */
interface Followers {
  readonly events: EventStreams<ControlEvent>;
  readonly probes: EventStreams<ProbeEvent>;
}

/** One request, and where it came in. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly followers: Followers;
  readonly mayChange: boolean;
}

interface Door {
  readonly server: Server;
  readonly followers: Followers;
  readonly removeFile: () => Promise<void>;
}

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #limits: ControlLimits;
  readonly #doors: Door[] = [];
  readonly #listener = (event: ControlEvent) => this.publish(event);
  /** There while anybody follows single probes. */
  #unfollowProbes: (() => void) | undefined;

  private constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /**
   * Opens both sockets. Throws ControlError: ALREADY_RUNNING where a live daemon answers on one of them, CANNOT_LISTEN
   * where the directory or a socket can not be made. Nothing stays open then.
   */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    const paths = socketPaths(options.runtimeDir);
    await makeRuntimeDirectory(options.runtimeDir);
    try {
      await control.#open(paths.control, await controlAccess(), true);
      await control.#open(paths.status, { mode: 0o666 }, false);
    } catch (error) {
      await control.close();
      throw error;
    }
    options.events?.on("event", control.#listener);
    return control;
  }

  /** Pushes one event to every stream. Never waits, never throws. */
  publish(event: ControlEvent): void {
    for (const { followers } of this.#doors) followers.events.publish(event);
  }

  /** Clients that follow anything now, and those cut off since the start because they read too slowly. */
  get streams(): { readonly open: number; readonly dropped: number } {
    const all = this.#doors.flatMap(({ followers }) => [followers.events, followers.probes]);
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    return { open: sum(all.map(({ size }) => size)), dropped: sum(all.map(({ dropped }) => dropped)) };
  }

  /** Closes every connection and takes the socket files away. Harmless when repeated. */
  async close(): Promise<void> {
    this.#options.events?.off("event", this.#listener);
    await Promise.all(this.#doors.splice(0).map(closeDoor));
  }

  async #open(path: string, access: Access, mayChange: boolean): Promise<void> {
    const { streamBufferBytes } = this.#limits;
    const followers: Followers = {
      events: new EventStreams(streamBufferBytes),
      probes: new EventStreams(streamBufferBytes, () => this.#lookAtProbes()),
    };
    const server = this.#makeServer();
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#respond({ request, response, followers, mayChange }).catch(() => response.destroy());
    });
    const removeFile = await listenAt(server, path, access);
    this.#doors.push({ server, followers, removeFile });
  }

  /** Single probes are told of only while somebody follows them. */
  #lookAtProbes(): void {
    const followed = this.#doors.some(({ followers }) => followers.probes.size > 0);
    if (followed === (this.#unfollowProbes !== undefined)) return;
    this.#unfollowProbes?.();
    this.#unfollowProbes = followed
      ? this.#options.source.followProbes((event) => this.#publishProbe(event))
      : undefined;
  }

  #publishProbe(event: ProbeEvent): void {
    for (const { followers } of this.#doors) followers.probes.publish(event);
  }

  #makeServer(): Server {
    const { headerBytes, requestTimeoutMs, connections } = this.#limits;
    const server = createServer({
      maxHeaderSize: headerBytes,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
      keepAliveTimeout: requestTimeoutMs,
      // A unix socket has no host to name.
      requireHostHeader: false,
    });
    server.maxConnections = connections;
    server.setTimeout(requestTimeoutMs);
    server.on("clientError", refuseClient);
    return server;
  }

  async #respond(call: Call): Promise<void> {
    const { request, response, mayChange } = call;
    const method = request.method ?? "";
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    await this.#carryOut(taskOf({ method, path, hasBody: hasBody(request), mayChange }), call, response);
  }

  async #carryOut(task: Task, call: Call, response: ServerResponse): Promise<void> {
    switch (task.kind) {
      case "refuse":
        await discardBody(call.request);
        return send(response, task.answer, hasBody(call.request));
      case "stream":
        return await this.#stream(task.of, call);
      case "read":
        return send(response, await settle(() => task.read(this.#options.source)), false);
      case "change":
        return send(response, await this.#change(task.change, call.request), false);
    }
  }

  async #change(change: Change, request: IncomingMessage): Promise<Answer> {
    try {
      const body = await readBody(request, change.longestBodyBytes);
      // A connection may be idle while we work.
      request.socket.setTimeout(0);
      return await inTime(() => change.carryOut(this.#options.source, body), this.#limits.changeTimeoutMs);
    } catch (error) {
      if (error instanceof BodyRefused) return error.answer;
      throw error;
    }
  }

  async #stream(kind: StreamKind, { request, response, followers: { events, probes } }: Call): Promise<void> {
    if (events.size + probes.size >= this.#limits.streams) {
      const detail = `At most ${this.#limits.streams} at a time. Close one first.`;
      return send(response, errorAnswer(503, "TOO_MANY_STREAMS", "Too many clients follow streams.", detail), true);
    }
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    if (request.method === "HEAD") return void response.end();
    request.socket.setTimeout(0);
    response.flushHeaders();
    if (kind === "probes") return probes.add(response, request.socket);
    // It counts at once, and hears of what happens from its picture on.
    events.add(response, request.socket, true);
    const snapshot = await this.#options.source.snapshot();
    events.greet(response, { type: "snapshot", time: new Date().toISOString(), snapshot });
  }
}

async function closeDoor({ server, followers, removeFile }: Door): Promise<void> {
  await removeFile();
  followers.events.close();
  followers.probes.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** What was read, as an answer. A source that fails gives a 500, never an exception. */
async function settle(read: () => Promise<unknown>): Promise<Answer> {
  try {
    return { status: 200, body: await read() };
  } catch (error) {
    return failureAnswer(error);
  }
}

/** The answer to a change, or the word that there is none yet. The change itself goes on. */
async function inTime(carryOut: () => Promise<Answer>, limitMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(lateAnswer(limitMs)), limitMs);
  });
  try {
    return await Promise.race([carryOut(), late]);
  } catch (error) {
    return failureAnswer(error);
  } finally {
    clearTimeout(timer);
  }
}

function lateAnswer(limitMs: number): Answer {
  const detail = "It may still be made: GET /v1/snapshot shows what is.";
  return errorAnswer(504, "NOT_DONE_IN_TIME", `The change is not done after ${limitMs} ms.`, detail);
}

/** `last`: the connection is not to be used again, e.g. because an unread body follows on it. */
function send(response: ServerResponse, { status, headers, body }: Answer, last: boolean): void {
  const json = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": json.length,
    "Cache-Control": "no-store",
    ...(last ? { Connection: "close" } : {}),
    ...headers,
  });
  response.end(json);
}

/** Answers what the HTTP parser refused, in the same form as everything else, and hangs up. */
function refuseClient(error: Error, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const [status, code, message] = parserRefusal(systemCode(error));
  const { body } = errorAnswer(status, code, message, error.message);
  const json = `${JSON.stringify(body)}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(json)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${json}`, () => socket.destroy());
}

function parserRefusal(parserCode: string): [status: number, code: string, message: string] {
  if (parserCode === "HPE_HEADER_OVERFLOW") return [431, "HEADERS_TOO_LARGE", "The request's headers are too large."];
  if (parserCode === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "REQUEST_TIMEOUT", "The request did not arrive in time."];
  return [400, "BAD_REQUEST", "This is not an HTTP request."];
}
