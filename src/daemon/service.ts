/** The daemon as a service of one network namespace: lock, control sockets, log, signals, service manager. */
import type { ParsedConfiguration } from "../config/index.ts";
import { ControlServer } from "../control/server.ts";
import type { DaemonStatus } from "../control/snapshot.ts";
import type { Configuration } from "../core/configuration.ts";
import { KernelError } from "../kernel/errors.ts";
import { notifyServiceManager } from "../kernel/notify.ts";
import { peerUser } from "../kernel/peer.ts";
import { controlSource } from "./control-source.ts";
import { entryFile } from "./entry-file.ts";
import { requireFeatures } from "./features.ts";
import { Ipmp } from "./ipmp.ts";
import type { Log } from "./log.ts";
import { Reloader } from "./reloader.ts";
import { SingleInstance } from "./single-instance.ts";
import type { Stall } from "./stall-watch.ts";

export interface ServiceOptions {
  /** May still be being read: what needs no configuration begins beside that. Rejected, it ends the start. */
  readonly configuration: Promise<Configuration>;
  readonly configurationFile: string;
  /** Reads the files anew, for a reload. Rejects with ConfigurationError where they can not be read at all. */
  readonly load: () => Promise<ParsedConfiguration>;
  /** Takes the text of a file apart, for `PUT /v1/config`; never throws. */
  readonly parse: (text: string) => Promise<ParsedConfiguration>;
  /** Called once, with what a SIGHUP is to call. */
  readonly onReload: (reload: () => void) => void;
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly version: string;
  readonly log: Log;
  /** As the service manager sets it: NOTIFY_SOCKET, WATCHDOG_USEC. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the service; addresses and routes stay. */
  readonly signal: AbortSignal;
}

/**
 * Runs until `signal` is aborted.
 * @throws {ControlError} ALREADY_RUNNING, CANNOT_LISTEN; {DaemonError} when the worker can not start or ends. Nothing has
 *   been changed in the kernel when a start is refused.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  requireFeatures();
  const lock = SingleInstance.acquire();
  try {
    const started = new Deferred<Ipmp>();
    const reloader = new Reloader(started.promise, { ...options, tell: (state) => tell(state, options) });
    acceptSignal(reloader, options);
    const opening = openControl(started.promise, reloader, options);
    try {
      await work(started, opening, options);
    } finally {
      await opening.then(
        (control) => control.close(),
        () => undefined,
      );
    }
  } finally {
    lock.release();
  }
}

function acceptSignal(reloader: Reloader, { onReload, log }: ServiceOptions): void {
  onReload(() => {
    log.write("info", "SIGHUP: restart and reread config file", { id: "hang-up" });
    reloader.fromFile().catch((error: Error) => log.write("error", `The reload failed: ${error.message}`));
  });
}

function openControl(started: Promise<Ipmp>, reloader: Reloader, options: ServiceOptions): Promise<ControlServer> {
  const { configurationFile, runtimeDir, version, log } = options;
  const daemon: DaemonStatus = { version, pid: process.pid, startedAt: new Date().toISOString(), configurationFile };
  return ControlServer.start({
    runtimeDir,
    source: controlSource(started, reloader, daemon),
    statusEntry: entryFile("status-worker"),
    peerUser,
    failed: (text) => log.write("error", text),
    recovered: (text) => log.write("info", text),
  });
}

async function work(started: Deferred<Ipmp>, opening: Promise<ControlServer>, options: ServiceOptions): Promise<void> {
  const { configuration, configurationFile, version, log, signal } = options;
  const ipmp = await startLogged(opening, options);
  try {
    tell("READY=1", options);
    log.write("info", `ipmpd ${version} works on ${groupNames(await configuration)} from ${configurationFile}`);
    started.resolve(ipmp);
    await ended(ipmp, signal);
    tell("STOPPING=1", options);
    log.write("info", "Stopping; addresses and routes stay as they are (`ipmpd --release` takes them away)");
  } finally {
    await Promise.all([ipmp.stop(), opening.then((control) => control.close())]);
  }
}

/** The control worker and the sockets come up while the configuration is read: after a crash every peer may be waiting. */
async function startLogged(opening: Promise<ControlServer>, options: ServiceOptions): Promise<Ipmp> {
  const { stateDir, log, environment } = options;
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdogUs } = environment;
  let control: ControlServer | undefined;
  // Before the first change in the kernel: a runtime directory that is wrong must not leave half a start behind.
  const ready = Promise.all([opening, options.configuration]).then(([server, configuration]) => {
    control = server;
    return configuration;
  });
  ready.catch(() => undefined);
  const ipmp = await Ipmp.start(ready, {
    stateDir,
    // Twice within the interval, as the service manager's manual advises.
    ...(socket && watchdogUs ? { watchdog: { socket, intervalMs: Number(watchdogUs) / 1000 / 2 } } : {}),
    listener: (event) => {
      control?.publish(event);
      if (event.type === "message") log.write(event.level, event.text, { cause: event.cause, ...event.message });
    },
    failed: (text) => log.write("error", text),
    recovered: (text) => log.write("info", text),
  });
  logStatus("I/O", ipmp.status(), log);
  logStatus("probing", ipmp.proberStatus(), log);
  ipmp.on("stalled", (stall) => log.write("info", stallText(stall), { ...stall }));
  return ipmp;
}

/** A promise that somebody else resolves. */
class Deferred<Value> {
  resolve: (value: Value) => void = () => undefined;
  readonly promise = new Promise<Value>((resolve) => {
    this.resolve = resolve;
  });
}

/** It begins as Solaris's line does. */
function stallText({ probes, longestMs }: Stall): string {
  const late = `the prober was late, since its start by up to ${Math.ceil(longestMs)} ms`;
  return `missed sending ${probes} probes: ${late}. This host was busy or stood still; no interface is blamed`;
}

interface ThreadStatus {
  readonly realtime: true | string;
  readonly locked: true | string;
}

/** What a thread was refused does not keep it from working, but the administrator should know. */
function logStatus(thread: string, { realtime, locked }: ThreadStatus, log: Log): void {
  if (realtime !== true) log.write("warning", `The ${thread} thread runs without real-time priority: ${realtime}`);
  if (locked !== true) log.write("warning", `The ${thread} thread's memory is not locked: ${locked}`);
}

function groupNames({ groups }: Configuration): string {
  const names = groups.map((group) => group.name).join(", ");
  return groups.length === 1 ? `group ${names}` : `${groups.length} groups (${names})`;
}

/** What is told once only is worth a wait, but no long one. */
const TELL_LIMIT_MS = 1_000;

/** One that can not be reached for a moment is no reason to end, or not to reload. */
function tell(state: string, { environment, log }: ServiceOptions): void {
  const socket = environment.NOTIFY_SOCKET;
  if (!socket) return;
  try {
    notifyServiceManager(socket, state, TELL_LIMIT_MS);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log.write("warning", `The service manager was not told ${state.split("\n")[0]}: ${error.message}`);
  }
}

/** Resolves when `signal` is aborted, rejects when the worker ends by itself. */
function ended(ipmp: Ipmp, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    ipmp.once("error", reject);
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
