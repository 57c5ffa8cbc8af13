/** The whole of IPMP as an object: what `ipmpd` runs, and what other programs embed. */
import { EventEmitter, on, once } from "node:events";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type MessageEvent, type StateEvent, stateChanges } from "../control/events.ts";
import type { Configuration } from "../core/configuration.ts";
import type { IpmpError } from "../core/errors.ts";
import { wording } from "../core/messages.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { KernelError } from "../kernel/errors.ts";
import type { KernelStatus } from "../kernel/port.ts";
import { DaemonError } from "./errors.ts";
import type { LogEntry } from "./executor.ts";
import { requireFeatures } from "./features.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-protocol.ts";

export interface IpmpOptions {
  /** Keeps what must survive a restart: the sysctl values from before us. Made if missing. Default /var/lib/ipmp. */
  readonly stateDir?: string;
  /** Path of the network namespace to work in, e.g. /run/netns/blue. Default: that of the process. */
  readonly namespace?: string;
  /** Ask for SCHED_FIFO and locked memory for the I/O thread; goes on without where refused. Default true. */
  readonly realtime?: boolean;
  /** The service manager's notify socket, for watchdog signs of life from the loop. */
  readonly watchdog?: { readonly socket: string; readonly intervalMs: number };
  /** Hears of every event from the very first on; `start` resolves only later. */
  readonly listener?: (event: StateEvent | MessageEvent) => void;
  /** Hears of failures of the door to the kernel, likewise. */
  readonly failed?: (text: string) => void;
}

/** Events: every state change and message under its own type, and all of them as `event`. */
export interface IpmpEvents {
  event: [StateEvent | MessageEvent];
  message: [MessageEvent];
  group: [Extract<StateEvent, { type: "group" }>];
  interface: [Extract<StateEvent, { type: "interface" }>];
  address: [Extract<StateEvent, { type: "address" }>];
  /** Everything wanted is in place, or the kernel refuses it. */
  settled: [];
  /** The door to the kernel failed in itself; work goes on. */
  failed: [string];
  /** The control worker ended without being asked to. Addresses and routes stay as they are. */
  error: [IpmpError];
}

const STOP_LIMIT_MS = 5_000;

const NOTHING: Snapshot = { groups: [], interfaces: [], addresses: [] };
const NOT_YET: KernelStatus = { realtime: "not started", locked: "not started", dropped: 0, plansFired: 0 };

export class Ipmp extends EventEmitter<IpmpEvents> {
  readonly #worker: Worker;
  #snapshot = NOTHING;
  #status = NOT_YET;
  #stopping = false;

  private constructor(options: WorkerOptions) {
    super();
    this.#worker = new Worker(workerFile(), { workerData: options, name: "ipmp" });
    this.#worker.on("message", (message: FromWorker) => this.#take(message));
    this.#worker.on("error", (cause: Error) => this.#ended(cause));
    this.#worker.on("exit", () => this.#ended(undefined));
  }

  /**
   * Starts, and resolves when the addresses are placed as far as the kernel lets them be.
   * @throws {DaemonError} MISSING_FEATURE, STATE_DIRECTORY, WORKER_ENDED; {KernelError} without a usable addon. Nothing has been
   *   changed in the kernel then.
   */
  static async start(configuration: Configuration, options: IpmpOptions = {}): Promise<Ipmp> {
    requireFeatures();
    const ipmp = new Ipmp(workerOptions(options));
    if (options.listener !== undefined) ipmp.on("event", options.listener);
    if (options.failed !== undefined) ipmp.on("failed", options.failed);
    const settled = once(ipmp, "settled");
    ipmp.#say({ type: "configure", configuration });
    await settled;
    return ipmp;
  }

  /** The picture as of the last change. */
  snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** What the I/O thread was allowed, and what it did so far. */
  status(): KernelStatus {
    return this.#status;
  }

  /**
   * Ends the work and every handle of ours. Addresses and routes stay, and go on serving, unless `release`: then everything
   * of ours is taken away and the sysctls are put back.
   * @throws {DaemonError} NOT_RELEASED, after having stopped all the same
   */
  async stop({ release = false }: { readonly release?: boolean } = {}): Promise<void> {
    if (this.#stopping) return;
    const unfinished = release ? await this.#release() : [];
    this.#stopping = true;
    const exited = once(this.#worker, "exit", { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    this.#say({ type: "close" });
    // A worker that does not answer is a bug of ours; it must not keep the program from ending.
    await exited.catch(() => this.#worker.terminate());
    if (unfinished.length === 0) return;
    throw new DaemonError("NOT_RELEASED", `The kernel did not let go of: ${unfinished.join(", ")}`);
  }

  async #release(): Promise<readonly string[]> {
    this.#say({ type: "release" });
    for await (const [message] of on(this.#worker, "message", { close: ["exit"] }) as AsyncIterable<[FromWorker]>) {
      if (message.type === "released") return message.unfinished;
    }
    return ["everything: the control worker ended before"];
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "log":
        this.#publish(messageEvent(message.entry));
        return;
      case "changed":
        this.#change(message.snapshot, message.status);
        return;
      case "settled":
        this.emit("settled");
        return;
      case "failed":
        this.emit("failed", message.text);
        return;
      case "refused":
        this.#end(new KernelError(message.text, message));
        return;
      case "released":
        return;
    }
  }

  #change(snapshot: Snapshot, status: KernelStatus): void {
    const changes = stateChanges(this.#snapshot, snapshot, new Date().toISOString());
    this.#snapshot = snapshot;
    this.#status = status;
    for (const change of changes) this.#publish(change);
  }

  #publish(event: StateEvent | MessageEvent): void {
    this.emit("event", event);
    if (event.type === "message") this.emit("message", event);
    else if (event.type === "group") this.emit("group", event);
    else if (event.type === "interface") this.emit("interface", event);
    else this.emit("address", event);
  }

  #ended(cause: Error | undefined): void {
    const why = cause === undefined ? "without a word" : `with: ${cause.message}`;
    this.#end(new DaemonError("WORKER_ENDED", `The control worker ended ${why}`, { cause }));
  }

  #end(error: IpmpError): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.emit("error", error);
  }
}

/** The same file as source and as build product. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}

function workerOptions(options: IpmpOptions): WorkerOptions {
  const stateDir = options.stateDir ?? "/var/lib/ipmp";
  try {
    // Not `recursive`: below a file system that can not have folders (/proc) Node 20 would try for ever.
    if (!existsSync(stateDir)) mkdirSync(stateDir, { mode: 0o755 });
  } catch (cause) {
    const text = `Cannot make the state directory ${stateDir}: ${reasonOf(cause)}. Make its parent, or choose another one`;
    throw new DaemonError("STATE_DIRECTORY", text, { cause });
  }
  return {
    // One per namespace: indexes of links mean nothing elsewhere, and two daemons may share the directory.
    settingsFile: join(stateDir, `settings-${namespaceId(options.namespace)}.json`),
    namespace: options.namespace,
    realtime: options.realtime ?? true,
    watchdog: options.watchdog,
  };
}

/** The inode by which the kernel tells network namespaces apart. */
function namespaceId(path = "/proc/self/ns/net"): number {
  try {
    return statSync(path).ino;
  } catch (cause) {
    const text = `Cannot find the network namespace ${path}: ${reasonOf(cause)}. Make it with \`ip netns add\``;
    throw new DaemonError("NO_NAMESPACE", text, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function messageEvent({ message, cause }: LogEntry): MessageEvent {
  return { type: "message", time: new Date().toISOString(), ...wording(message), cause, message };
}
