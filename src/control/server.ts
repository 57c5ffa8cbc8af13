/**
 * The local API on its two sockets. Root's is served here; that of everybody has a thread of its own, so that whatever clients do
 * there, `control.sock` answers and signals are heard.
 */
import { Door, type StreamCounts } from "./door.ts";
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
}

export class ControlServer {
  readonly #options: ControlServerOptions;
  #control: Door | undefined;
  #status: StatusThread | undefined;
  #unfollowProbes: (() => void) | undefined;

  private constructor(options: ControlServerOptions) {
    this.#options = options;
  }

  /**
   * Opens both sockets. Throws ControlError: ALREADY_RUNNING where a live daemon answers on one of them, CANNOT_LISTEN
   * where the directory or a socket can not be made, or is not safe. Nothing stays open then.
   */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    makeRuntimeDirectory(options.runtimeDir);
    try {
      await server.#open();
    } catch (error) {
      await server.close();
      throw error;
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
    await Promise.all([this.#control?.close(), this.#status?.close()]);
    this.#control = undefined;
    this.#status = undefined;
  }

  async #open(): Promise<void> {
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
