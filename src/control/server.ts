/**
 * The local API on its two sockets. Root's is served here; that of everybody has a thread of its own, so that whatever clients do
 * there, `control.sock` answers and signals are heard.
 */
import { Door, type StreamCounts } from "./door.ts";
import { ControlError } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import { CONTROL_LIMITS, statusLimits } from "./limits.ts";
import type { ControlSource, StreamKind } from "./routes.ts";
import { socketPaths } from "./runtime-directory.ts";
import { controlAccess, makeRuntimeDirectory } from "./socket-file.ts";
import { StatusThread } from "./status-thread.ts";

export interface ControlServerOptions {
  /** Made (0755) if missing. */
  readonly runtimeDir: string;
  readonly source: ControlSource;
  /** The file that the thread of status.sock runs. */
  readonly statusEntry: URL;
  /** The user who connected to a descriptor; may throw. */
  readonly peerUser: (descriptor: number) => number;
  /** Hears, in a whole sentence, what went wrong without a client to be told. */
  readonly failed: (text: string) => void;
  /** Hears, in a whole sentence, when the sockets could be opened after all. */
  readonly recovered: (text: string) => void;
}

const RETRY_EVERY_MS = 10_000;
const UNTIL_THEN = `Until then no tool reaches ipmpd, which works all the same. It is tried again every ${RETRY_EVERY_MS / 1000} seconds`;

export class ControlServer {
  readonly #options: ControlServerOptions;
  #control: Door | undefined;
  #status: StatusThread | undefined;
  #unfollowProbes: (() => void) | undefined;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  /** Why they could not be opened, as it was told last. */
  #told = "";

  private constructor(options: ControlServerOptions) {
    this.#options = options;
  }

  /**
   * Opens both sockets. Where they can not be made for now, it tells so and tries on: nobody's failover waits for that. Throws
   * ControlError: ALREADY_RUNNING where a live daemon answers on one of them, CANNOT_LISTEN where the directory or a socket is not safe, or has
   * a wrong path. Nothing stays open then.
   */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    try {
      await server.#open();
    } catch (error) {
      if (!(error instanceof ControlError && error.code === "CANNOT_LISTEN_YET")) throw error;
      server.#tryLater(error);
    }
    return server;
  }

  /** Pushes one event to every stream. Never waits, never throws. */
  publish(event: ControlEvent): void {
    this.#control?.publish(event);
    this.#status?.publish(event);
  }

  /** Of `control.sock`. */
  get streams(): StreamCounts {
    return this.#control?.streams ?? { open: 0, dropped: 0 };
  }

  /** Closes every connection and takes the socket files away. Harmless when repeated. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#attempt;
    await this.#closeDoors();
  }

  async #closeDoors(): Promise<void> {
    await Promise.all([this.#control?.close(), this.#status?.close()]);
    this.#control = undefined;
    this.#status = undefined;
  }

  async #open(): Promise<void> {
    makeRuntimeDirectory(this.#options.runtimeDir);
    try {
      await this.#openDoors();
    } catch (error) {
      await this.#closeDoors();
      throw error;
    }
  }

  #tryLater({ message }: Error): void {
    if (this.#isClosed) return;
    if (message !== this.#told) this.#options.failed(`${message}. ${UNTIL_THEN}`);
    this.#told = message;
    this.#retry = setTimeout(() => {
      this.#attempt = this.#tryAgain();
    }, RETRY_EVERY_MS);
  }

  /** Whatever is wrong by now: what works is not ended for it. */
  async #tryAgain(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.#tryLater(error as Error);
      return;
    }
    this.#options.recovered(`The sockets in ${this.#options.runtimeDir} are there now`);
  }

  async #openDoors(): Promise<void> {
    const { runtimeDir, source, peerUser, statusEntry, failed } = this.#options;
    const paths = socketPaths(runtimeDir);
    this.#control = await Door.open({
      path: paths.control,
      access: await controlAccess(),
      mayChange: true,
      source,
      limits: CONTROL_LIMITS,
      peerUser,
      audience: (kind, anybody) => this.#lookAtAudience(kind, anybody),
    });
    const limits = statusLimits();
    this.#status = await StatusThread.start({ entry: statusEntry, path: paths.status, limits, source, failed });
  }

  /** Single probes are told of only while somebody follows them. */
  #lookAtAudience(kind: StreamKind, anybody: boolean): void {
    if (kind !== "probes") return;
    this.#unfollowProbes?.();
    this.#unfollowProbes = anybody
      ? this.#options.source.followProbes((event) => this.#control?.publish(event))
      : undefined;
  }
}
