/**
 * One unix socket of the local API: HTTP/1.1 and JSON.
 *
 * Plain `node:http`, no framework: the surface is a dozen of paths. A framework's routing, hooks and schema compiler would
 * be more code in a process that runs as root than all of this folder, and the limits below are set on the http server in any case.
 *
 * Clients are not trusted. Connections, streams, requests under way, bytes of headers and bodies, times and unread bytes are
 * bounded (see `limits.ts`), and an answer that many ask for is put into words once.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Answer, errorAnswer, failureAnswer } from "./answers.ts";
import { BodyRefused, discardBody, hasBody, readBody } from "./body.ts";
import type { Change } from "./changes.ts";
import { Connections } from "./connections.ts";
import { systemCode } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import type { ControlLimits } from "./limits.ts";
import type { ProbeEvent } from "./probes.ts";
import { type ControlSource, type StreamKind, type Task, taskOf } from "./routes.ts";
import { type Access, listenAt, removeIfSame } from "./socket-file.ts";
import { EventStreams } from "./streams.ts";

export interface DoorOptions {
  readonly path: string;
  readonly access: Access;
  readonly mayChange: boolean;
  readonly source: ControlSource;
  readonly limits: ControlLimits;
  /** The user who connected to a descriptor; may throw. */
  readonly peerUser: (descriptor: number) => number;
  /** Told when the first client of a kind of stream has come, and when the last one has gone. */
  readonly audience?: (kind: StreamKind, anybody: boolean) => void;
}

/** How many clients follow streams now, and how many were cut off since the start because they read too slowly. */
export interface StreamCounts {
  readonly open: number;
  readonly dropped: number;
}

/** One request and its response. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #events: EventStreams<ControlEvent>;
  readonly #probes: EventStreams<ProbeEvent>;
  /** What was last put into words, by what it was. */
  readonly #worded = new WeakMap<object, Buffer>();
  #unreadBytes = 0;
  #inode = 0;

  private constructor(options: DoorOptions) {
    this.#options = options;
    const { limits, peerUser } = options;
    this.#connections = new Connections(limits, peerUser);
    this.#events = new EventStreams(limits.streamBufferBytes, this.#audience("events"));
    this.#probes = new EventStreams(limits.streamBufferBytes, this.#audience("probes"));
    this.#server = this.#makeServer();
  }

  /** @throws {ControlError} ALREADY_RUNNING where a live daemon answers there, CANNOT_LISTEN where a socket can not be made */
  static async open(options: DoorOptions): Promise<Door> {
    const door = new Door(options);
    door.#inode = await listenAt(door.#server, options.path, options.access);
    return door;
  }

  /** Of the socket file. */
  get inode(): number {
    return this.#inode;
  }

  /** Pushes one event to every stream of its kind. Never waits, never throws. */
  publish(event: ControlEvent | ProbeEvent): void {
    if (event.type === "probe") this.#probes.publish(event);
    else this.#events.publish(event);
  }

  /** Cuts off all who follow events: some were lost, and they have to begin anew. */
  dropFollowers(): void {
    this.#events.dropAll();
  }

  get streams(): StreamCounts {
    const { size, dropped } = this.#events;
    return { open: size + this.#probes.size, dropped: dropped + this.#probes.dropped };
  }

  /** Closes every connection and takes the socket file away. */
  async close(): Promise<void> {
    await removeIfSame(this.#options.path, this.#inode);
    this.#events.close();
    this.#probes.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #audience(kind: StreamKind): (size: number) => void {
    let anybody = false;
    return (size) => {
      if (size > 0 === anybody) return;
      anybody = size > 0;
      this.#options.audience?.(kind, anybody);
    };
  }

  #makeServer(): Server {
    const { headerBytes, requestTimeoutMs } = this.#options.limits;
    const server = createServer({
      maxHeaderSize: headerBytes,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
      keepAliveTimeout: requestTimeoutMs,
      // A unix socket has no host to name.
      requireHostHeader: false,
    });
    server.maxConnections = this.#connections.most;
    server.setTimeout(requestTimeoutMs);
    server.on("connection", (socket) => this.#connections.add(socket));
    server.on("clientError", refuseClient);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const answer = () => void this.#respond({ request, response }).catch(() => response.destroy());
      this.#connections.takeTurn(request.socket, response, answer);
    });
    return server;
  }

  async #respond(call: Call): Promise<void> {
    const { request, response } = call;
    const { socket } = request;
    const refusal = this.#connections.refusal(socket);
    if (refusal !== undefined) return this.#send(response, refusal, true);
    const tooSlow = setTimeout(() => socket.destroy(), this.#options.limits.answerTimeoutMs);
    response.once("close", () => clearTimeout(tooSlow));
    const method = request.method ?? "";
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const { mayChange } = this.#options;
    const task = taskOf({ method, path, hasBody: hasBody(request), mayChange });
    // These have a time of their own, or none.
    if (task.kind === "change" || task.kind === "stream") clearTimeout(tooSlow);
    await this.#carryOut(task, call);
  }

  async #carryOut(task: Task, call: Call): Promise<void> {
    const { request, response } = call;
    switch (task.kind) {
      case "refuse":
        await discardBody(request);
        return this.#send(response, task.answer, hasBody(request));
      case "stream":
        return await this.#stream(task.of, call);
      case "read":
        return this.#send(response, await settle(() => task.read(this.#options.source)), false);
      case "change":
        return this.#send(response, await this.#change(task.change, request), false);
    }
  }

  async #change(change: Change, request: IncomingMessage): Promise<Answer> {
    try {
      const body = await readBody(request, change.longestBodyBytes);
      // A connection may be idle while we work.
      request.socket.setTimeout(0);
      const { source, limits } = this.#options;
      return await inTime(() => change.carryOut(source, body), limits.changeTimeoutMs);
    } catch (error) {
      if (error instanceof BodyRefused) return error.answer;
      throw error;
    }
  }

  async #stream(kind: StreamKind, { request, response }: Call): Promise<void> {
    const isQuestion = request.method === "HEAD";
    const refusal = isQuestion ? undefined : this.#connections.beginStream(request.socket);
    if (refusal !== undefined) return this.#send(response, refusal, true);
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    if (isQuestion) return void response.end();
    request.socket.setTimeout(0);
    response.flushHeaders();
    if (kind === "probes") return this.#probes.add(response, request.socket);
    // It counts at once, and hears of what happens from its picture on.
    this.#events.add(response, request.socket, true);
    const snapshot = await this.#options.source.snapshot({ fresh: true });
    this.#events.greet(response, { type: "snapshot", time: new Date().toISOString(), snapshot });
  }

  /** `last`: the connection is not to be used again, e.g. because an unread body follows on it. */
  #send(response: ServerResponse, answer: Answer, last: boolean): void {
    const json = this.#wording(answer.body);
    const { unreadBytes } = this.#options.limits;
    if (this.#unreadBytes > 0 && this.#unreadBytes + json.length > unreadBytes) {
      const refusal = tooMuchUnread(unreadBytes);
      send(response, refusal, inWords(refusal.body), true);
      return;
    }
    this.#unreadBytes += json.length;
    response.once("close", () => {
      this.#unreadBytes -= json.length;
    });
    send(response, answer, json, last);
  }

  /** What many ask for at once is one object: its words are kept as long as that is. */
  #wording(body: unknown): Buffer {
    if (typeof body !== "object" || body === null) return inWords(body);
    const known = this.#worded.get(body) ?? inWords(body);
    this.#worded.set(body, known);
    return known;
  }
}

function inWords(body: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(body)}\n`);
}

function tooMuchUnread(limit: number): Answer {
  const detail = `All clients together leave more than ${limit} bytes of answers unread. Try again in some seconds.`;
  return errorAnswer(503, "TOO_MUCH_UNREAD", "Clients are too slow.", detail);
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

function send(response: ServerResponse, { status, headers }: Answer, json: Buffer, last: boolean): void {
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
