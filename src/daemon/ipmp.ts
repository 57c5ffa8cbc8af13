/** The whole of IPMP as an object: what `ipmpd` runs, and what other programs embed. */
import { EventEmitter, once } from "node:events";
import { Worker } from "node:worker_threads";
import { type MessageEvent, type StateEvent, stateChanges } from "../control/events.ts";
import type { ProbeEvent, ProbesReport } from "../control/probes.ts";
import type { RequestRefusal } from "../core/actions.ts";
import type { Configuration } from "../core/configuration.ts";
import type { IpmpError } from "../core/errors.ts";
import type { AdministratorRequest } from "../core/events.ts";
import { wording } from "../core/message-texts.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { shortageText } from "../host/shortage.ts";
import { KernelError } from "../kernel/errors.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { ProberStatus } from "../prober/statistics.ts";
import { followAudience } from "./audience.ts";
import { entryFile } from "./entry-file.ts";
import { DaemonError, RequestRefusedError } from "./errors.ts";
import type { LogEntry } from "./executor.ts";
import { requireFeatures } from "./features.ts";
import { type Counted, probesReport } from "./probes-report.ts";
import { Questions } from "./questions.ts";
import type { Stall } from "./stall-watch.ts";
import { stateFiles } from "./state-directory.ts";
import { Store } from "./store.ts";
import { NOTHING_YET, type View } from "./view.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-protocol.ts";

export interface IpmpOptions {
  /** Keeps what must survive a restart: see docs/service.md. Made if missing. Default /var/lib/ipmp. */
  readonly stateDir?: string;
  /** Path of the network namespace to work in, e.g. /run/netns/blue. Default: that of the process. */
  readonly namespace?: string;
  /** Ask for SCHED_FIFO and locked memory for the I/O thread and the prober; goes on without where refused. Default true. */
  readonly realtime?: boolean;
  /** The service manager's notify socket, for watchdog signs of life from the loop. */
  readonly watchdog?: { readonly socket: string; readonly intervalMs: number };
  /** Hears of every event from the very first on; `start` resolves only later. */
  readonly listener?: (event: StateEvent | MessageEvent) => void;
  /** Hears of failures around the machine (see the event of that name), likewise. */
  readonly failed?: (text: string) => void;
  /** Hears when they are over, likewise. */
  readonly recovered?: (text: string) => void;
}

/** Events: every state change and message under its own type, and all of them as `event`. */
export interface IpmpEvents {
  event: [StateEvent | MessageEvent];
  message: [MessageEvent];
  group: [Extract<StateEvent, { type: "group" }>];
  interface: [Extract<StateEvent, { type: "interface" }>];
  address: [Extract<StateEvent, { type: "address" }>];
  /** One probe whose fate became known. It costs something only while there is a listener; `event` does not bring it. */
  probe: [ProbeEvent];
  /** Everything wanted is in place, or the kernel refuses it. */
  settled: [];
  /** The door to the kernel failed in itself, or a file of state can not be read or written; work goes on. */
  failed: [string];
  /** A file of state can be written again, and is. */
  recovered: [string];
  /** Probes were not sent, because this host was too busy; told at most once a minute. Nobody is judged by them. */
  stalled: [Stall];
  /** The control worker ended without being asked to. Addresses and routes stay as they are. */
  error: [IpmpError];
}

/** For calls that wait. */
export interface WaitOptions {
  /** Ends the waiting with its reason; what was asked for may be done all the same. */
  readonly signal?: AbortSignal;
}

export interface OfflineOptions extends WaitOptions {
  /** So many other members of the group must be usable, or it is refused. Default 1; 0 is never refused for that. */
  readonly minimumRedundancy?: number;
}

const STOP_LIMIT_MS = 5_000;
/** A disk that is slower than this does not hold up the administrator. */
const KEEP_LIMIT_MS = 2_000;

export class Ipmp extends EventEmitter<IpmpEvents> {
  readonly #worker: Worker;
  readonly #store: Store;
  readonly #configurations = new Questions<void>();
  readonly #requests = new Questions<RequestRefusal | undefined>();
  readonly #releases = new Questions<readonly string[]>();
  readonly #looks = new Questions<View>();
  readonly #statistics = new Questions<Counted>();
  #view = NOTHING_YET;
  #started = false;
  #stopping = false;

  private constructor(options: IpmpOptions) {
    super();
    const { stateDir = "/var/lib/ipmp", namespace, realtime = true, watchdog, listener } = options;
    if (listener !== undefined) this.on("event", listener);
    if (options.failed !== undefined) this.on("failed", options.failed);
    if (options.recovered !== undefined) this.on("recovered", options.recovered);
    const files = stateFiles(stateDir, namespace);
    this.#store = new Store(files.state, files.origin, {
      failed: (text) => this.emit("failed", text),
      recovered: (text) => this.emit("recovered", text),
    });
    const workerData: WorkerOptions = { settingsFile: files.settings, namespace, realtime, watchdog };
    this.#worker = new Worker(entryFile("worker"), { workerData, name: "ipmp" });
    followAudience(this, "probe", (wanted) => this.#say({ type: "watch-probes", wanted }));
    this.#worker.on("message", (message: FromWorker) => this.#take(message));
    this.#worker.on("error", (cause: Error) => this.#ended(cause));
    this.#worker.on("exit", () => this.#ended(undefined));
  }

  /**
   * Starts, and resolves when the addresses are placed as far as the kernel lets them be. While `configuration` is still to come, the
   * worker loads beside what makes it; where it rejects, so does this.
   * @throws {DaemonError} MISSING_FEATURE, NO_NAMESPACE, WORKER_ENDED; {KernelError} without a usable addon.
   *   Nothing has been changed in the kernel then.
   */
  static async start(configuration: Configuration | Promise<Configuration>, options: IpmpOptions = {}): Promise<Ipmp> {
    requireFeatures();
    const ipmp = new Ipmp(options);
    const memory = ipmp.#store.read();
    if (memory !== undefined) ipmp.#say({ type: "remember", memory });
    await ipmp.configure(await ipmp.#unlessUnwanted(configuration));
    ipmp.#started = true;
    return ipmp;
  }

  /** The picture as of the last change, or the last `refresh`: counters of probes grow without a change. */
  snapshot(): Snapshot {
    return this.#view.snapshot;
  }

  /** What the I/O thread was allowed, and what it did so far; as of the same moment. */
  status(): KernelStatus {
    return this.#view.kernel;
  }

  /** What the probing thread was allowed, and how it fares; as of the same moment. */
  proberStatus(): ProberStatus {
    return this.#view.prober;
  }

  /**
   * The picture as it is now. `snapshot`, `status` and `proberStatus` answer from the same moment then.
   * @throws {DaemonError} WORKER_ENDED, STOPPED; the reason of `signal`
   */
  async refresh({ signal }: WaitOptions = {}): Promise<Snapshot> {
    await this.#looks.ask((id) => this.#say({ type: "look", id }), signal);
    return this.#view.snapshot;
  }

  /**
   * What was counted of each target since it was first asked, and how the probing thread fares.
   * @throws {DaemonError} WORKER_ENDED, STOPPED; the reason of `signal`
   */
  async probes({ signal }: WaitOptions = {}): Promise<ProbesReport> {
    return probesReport(await this.#statistics.ask((id) => this.#say({ type: "statistics", id }), signal));
  }

  /**
   * Puts another configuration into force, and resolves when everything is in place as far as the kernel lets it be. What is
   * the same in both goes on undisturbed, with all its history.
   * @throws {DaemonError} WORKER_ENDED, STOPPED; the reason of `signal`
   */
  configure(configuration: Configuration, { signal }: WaitOptions = {}): Promise<void> {
    return this.#configurations.ask((id) => this.#say({ type: "configure", id, configuration }), signal);
  }

  /** The same as `configure`. */
  reload(configuration: Configuration, options: WaitOptions = {}): Promise<void> {
    return this.configure(configuration, options);
  }

  /**
   * Takes an interface out of service: `if_mpadm -d`. Resolves when its addresses are on other members, the neighbours have been
   * told, and it has been written down, so that a restart does not undo it.
   * @throws {RequestRefusedError} UNKNOWN_INTERFACE, ALREADY_OFFLINE, MINIMUM_REDUNDANCY; nothing is changed then. {DaemonError}
   *   WORKER_ENDED, STOPPED, BAD_ARGUMENT; the reason of `signal`
   */
  async offline(name: string, { minimumRedundancy = 1, signal }: OfflineOptions = {}): Promise<void> {
    if (!Number.isSafeInteger(minimumRedundancy) || minimumRedundancy < 0) {
      const text = `minimumRedundancy is a number of interfaces, from 0 on; found ${minimumRedundancy}`;
      throw new DaemonError("BAD_ARGUMENT", text);
    }
    await this.#request({ op: "offline", interface: name, minimumRedundancy }, signal);
  }

  /**
   * Brings an interface back into service: `if_mpadm -r`. Resolves when that is in place and written down.
   * @throws {RequestRefusedError} UNKNOWN_INTERFACE, NOT_OFFLINE, DUPLICATE_HARDWARE_ADDRESS; nothing is changed then.
   *   {DaemonError} WORKER_ENDED, STOPPED; the reason of `signal`
   */
  async online(name: string, { signal }: WaitOptions = {}): Promise<void> {
    await this.#request({ op: "online", interface: name }, signal);
  }

  /**
   * Ends the work and every handle of ours. Addresses and routes stay, and go on serving, unless `release`: then everything
   * of ours is taken away, the sysctls are put back, and what was kept for a restart is forgotten.
   * @throws {DaemonError} NOT_RELEASED, after having stopped all the same; WORKER_ENDED while releasing
   */
  async stop({ release = false }: { readonly release?: boolean } = {}): Promise<void> {
    if (this.#stopping) return;
    const unfinished = release ? await this.#releases.ask((id) => this.#say({ type: "release", id })) : [];
    this.#stopping = true;
    this.#endQuestions(new DaemonError("STOPPED", "The daemon was stopped before this was done"));
    const exited = once(this.#worker, "exit", { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    this.#say({ type: "close" });
    // A worker that does not answer is a bug of ours; it must not keep the program from ending.
    await exited.catch(() => this.#worker.terminate());
    if (!release) this.#store.tryAgain();
    await this.#store.written();
    if (!release) return;
    await this.#store.remove();
    if (unfinished.length > 0) {
      throw new DaemonError("NOT_RELEASED", `The kernel did not let go of: ${unfinished.join(", ")}`);
    }
  }

  async #request(request: AdministratorRequest, signal: AbortSignal | undefined): Promise<void> {
    const refusal = await this.#requests.ask((id) => this.#say({ type: "request", id, request }), signal);
    if (refusal !== undefined) throw new RequestRefusedError(request.op, request.interface, refusal);
    // The worker says what is to be kept before it answers.
    await Promise.race([this.#store.written(), once(AbortSignal.timeout(KEEP_LIMIT_MS), "abort")]);
  }

  /** Where there is no configuration the worker has loaded in vain. */
  async #unlessUnwanted(configuration: Configuration | Promise<Configuration>): Promise<Configuration> {
    try {
      return await configuration;
    } catch (error) {
      await this.stop();
      throw error;
    }
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
        this.#change(message.view);
        return;
      case "view":
        this.#change(message.view);
        this.#looks.answer(message.id, message.view);
        return;
      case "statistics":
        this.#statistics.answer(message.id, message);
        return;
      case "probes":
        this.#say({ type: "probes-taken" });
        for (const event of message.events) this.emit("probe", event);
        return;
      case "stalled":
        this.emit("stalled", message.stall);
        return;
      case "settled":
        this.emit("settled");
        return;
      case "configured":
        this.#configurations.answer(message.id);
        return;
      case "answer":
        this.#requests.answer(message.id, message.refusal);
        return;
      case "released":
        this.#releases.answer(message.id, message.unfinished);
        return;
      case "keep":
        this.#store.keep(message.memory);
        return;
      case "scanned":
        this.#store.tryAgain();
        return;
      case "failed":
      case "recovered":
        this.emit(message.type, message.text);
        return;
      case "refused":
        this.#end(new KernelError(message.text, message));
        return;
    }
  }

  #change(view: View): void {
    const changes = stateChanges(this.#view.snapshot, view.snapshot, new Date().toISOString());
    this.#view = view;
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
    const text = shortageText(cause) ?? `The control worker ended ${why}`;
    this.#end(new DaemonError("WORKER_ENDED", text, { cause }));
  }

  #end(error: IpmpError): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#endQuestions(error);
    // Before, `start` rejects with it.
    if (this.#started) this.emit("error", error);
  }

  #endQuestions(reason: IpmpError): void {
    for (const questions of [this.#configurations, this.#requests, this.#releases, this.#looks, this.#statistics]) {
      questions.end(reason);
    }
  }
}

function messageEvent({ message, cause }: LogEntry): MessageEvent {
  return { type: "message", time: new Date().toISOString(), ...wording(message), cause, message };
}
