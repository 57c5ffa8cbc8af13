/** Bounds on what clients may cost. */
import { readFileSync } from "node:fs";

/** Of one socket. */
export interface ControlLimits {
  readonly connections: number;
  readonly connectionsPerUser: number;
  /** Streams among the connections, of whatever kind; one a connection. */
  readonly streams: number;
  readonly streamsPerUser: number;
  /** Requests of one connection that wait for the one under way. */
  readonly waitingRequests: number;
  /** Bytes of answers that have not been read yet, of all connections together. */
  readonly unreadBytes: number;
  /** Unread bytes of one stream before its client is cut off. */
  readonly streamBufferBytes: number;
  readonly headerBytes: number;
  /** For the whole request to arrive, and for a connection that moves no data. */
  readonly requestTimeoutMs: number;
  /** For the whole answer to be read. */
  readonly answerTimeoutMs: number;
  /** For the daemon to carry out a change before the client is told to look for itself. */
  readonly changeTimeoutMs: number;
}

const COMMON = {
  waitingRequests: 8,
  unreadBytes: 32 * 1024 * 1024,
  // A failover of a thousand addresses is some 600 KiB of events within one turn of the loop.
  streamBufferBytes: 1024 * 1024,
  headerBytes: 8 * 1024,
  requestTimeoutMs: 10_000,
  answerTimeoutMs: 30_000,
  // Clients wait a little longer than this, so that they hear of it.
  changeTimeoutMs: 30_000,
} as const;

/** Who can open control.sock may change everything: there is nobody to be kept from the others. */
export const CONTROL_LIMITS: ControlLimits = {
  ...COMMON,
  connections: 64,
  connectionsPerUser: 64,
  streams: 16,
  streamsPerUser: 16,
};

/** Everybody can open status.sock: no one user takes it all. */
export const STATUS_LIMITS: ControlLimits = {
  ...COMMON,
  connections: 128,
  connectionsPerUser: 32,
  streams: 32,
  streamsPerUser: 8,
};

/** What is left of a process's open files for the daemon itself, and for control.sock. */
const KEPT_FILES = 128;
const FEWEST_CONNECTIONS = 4;

/**
 * The limits of status.sock in a process that may have so many open files: a file that everybody's connections take is one that
 * the daemon lacks.
 */
export function statusLimits(openFiles = mostOpenFiles()): ControlLimits {
  const spare = Math.max(FEWEST_CONNECTIONS, Math.floor((openFiles - KEPT_FILES) / 2));
  const within = (wanted: number, most: number) => Math.min(wanted, most);
  const connections = within(STATUS_LIMITS.connections, spare);
  return {
    ...STATUS_LIMITS,
    connections,
    connectionsPerUser: within(STATUS_LIMITS.connectionsPerUser, Math.ceil(connections / 2)),
    streams: within(STATUS_LIMITS.streams, Math.ceil(connections / 2)),
    streamsPerUser: within(STATUS_LIMITS.streamsPerUser, Math.ceil(connections / 4)),
  };
}

function mostOpenFiles(): number {
  const [, most] = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return most === "unlimited" ? Number.POSITIVE_INFINITY : Number(most);
}
