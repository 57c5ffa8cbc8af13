/**
 * The connections of one socket: how many each user has, and whose turn it is on each of them.
 *
 * Requests of one connection are carried out one after the other, each when the answer to the one before has been taken: so a
 * client that asks without end and reads nothing costs one answer. A few may wait; more than that are no honest client's.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Answer, errorAnswer } from "./answers.ts";
import type { ControlLimits } from "./limits.ts";

/** So many above its limit may stay until they have heard why they are refused, each for so long. */
const HEARING = 8;
const HEARING_MS = 1000;

/** Where nobody can say who it is. */
const NOBODY_KNOWN = -1;

type Limits = Pick<
  ControlLimits,
  "connections" | "connectionsPerUser" | "streams" | "streamsPerUser" | "waitingRequests"
>;

class Connection {
  readonly #socket: Socket;
  readonly user: number;
  /** Why nothing is answered here. */
  readonly refusal: Answer | undefined;
  readonly #waiting: (() => void)[] = [];
  #busy = false;
  isStream = false;

  constructor(socket: Socket, user: number, refusal: Answer | undefined) {
    this.#socket = socket;
    this.user = user;
    this.refusal = refusal;
  }

  /** Carries `work` out when all before it have been answered. False where too much waits already. */
  take(response: ServerResponse, work: () => void, mostWaiting: number): boolean {
    if (this.#busy && this.#waiting.length >= mostWaiting) return false;
    const begin = () => {
      this.#busy = true;
      response.once("close", () => this.#next());
      work();
    };
    if (this.#busy) this.#waiting.push(begin);
    else begin();
    return true;
  }

  /** What waits on a connection that has gone is forgotten. */
  #next(): void {
    if (this.#socket.destroyed) this.#waiting.length = 0;
    this.#busy = false;
    this.#waiting.shift()?.();
  }
}

export class Connections {
  readonly #limits: Limits;
  readonly #userOf: (socket: Socket) => number;
  readonly #open = new Map<Socket, Connection>();

  /** @param peerUser the user who connected to a descriptor; may throw */
  constructor(limits: Limits, peerUser: (descriptor: number) => number) {
    this.#limits = limits;
    this.#userOf = (socket) => {
      try {
        return peerUser(descriptorOf(socket));
      } catch {
        return NOBODY_KNOWN;
      }
    };
  }

  /** Beyond this nobody is told why: the connection is closed at once. */
  get most(): number {
    return this.#limits.connections + HEARING;
  }

  /** Of one that has just come. */
  add(socket: Socket): void {
    const user = this.#userOf(socket);
    const { connections, connectionsPerUser } = this.#limits;
    const ofUser = this.#count((other) => other.user === user);
    if (ofUser >= connectionsPerUser + HEARING) {
      socket.destroy();
      return;
    }
    const refusal =
      ofUser >= connectionsPerUser
        ? tooMany(429, "TOO_MANY_CONNECTIONS", `Your user has ${ofUser} connections`, connectionsPerUser)
        : this.#open.size >= connections
          ? tooMany(503, "TOO_MANY_CONNECTIONS", "Too many clients are connected", connections)
          : undefined;
    if (refusal !== undefined) socket.setTimeout(HEARING_MS);
    this.#open.set(socket, new Connection(socket, user, refusal));
    socket.once("close", () => this.#open.delete(socket));
  }

  /** Why nothing is answered on this connection. */
  refusal(socket: Socket): Answer | undefined {
    return this.#open.get(socket)?.refusal;
  }

  /** Carries `work` out when it is the turn of `response`; a client that has too much waiting is cut off. */
  takeTurn(socket: Socket, response: ServerResponse, work: () => void): void {
    const taken = this.#open.get(socket)?.take(response, work, this.#limits.waitingRequests) ?? false;
    if (!taken) cutOff(socket);
  }

  /** Counts a stream on this connection for as long as it is open; or says why there can be none. */
  beginStream(socket: Socket): Answer | undefined {
    const connection = this.#open.get(socket);
    const { streams, streamsPerUser } = this.#limits;
    const ofUser = this.#count(({ isStream, user }) => isStream && user === connection?.user);
    if (this.#count(({ isStream }) => isStream) >= streams) {
      return tooMany(503, "TOO_MANY_STREAMS", "Too many clients follow streams", streams);
    }
    if (ofUser >= streamsPerUser) {
      return tooMany(429, "TOO_MANY_STREAMS", `Your user follows ${ofUser} streams`, streamsPerUser);
    }
    if (connection !== undefined) connection.isStream = true;
    return undefined;
  }

  #count(wanted: (connection: Connection) => boolean): number {
    let count = 0;
    for (const connection of this.#open.values()) if (wanted(connection)) count += 1;
    return count;
  }
}

/** What its parser has not looked at yet, thousands of requests perhaps, is not to become objects. Node has no word for that. */
function cutOff(socket: Socket): void {
  (socket as unknown as { readonly parser?: { readonly pause?: () => void } }).parser?.pause?.();
  socket.destroy();
}

/** Node has no word for it; without one the user is not known, and counts as one with all others of that kind. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}

function tooMany(status: 429 | 503, code: string, found: string, most: number): Answer {
  return errorAnswer(status, code, `${found}.`, `At most ${most} at a time. Close one first.`);
}
