/** The daemon as a service of one network namespace: lock, control sockets, log, signals, service manager. */
import type { ControlSource } from "../control/routes.ts";
import { ControlServer } from "../control/server.ts";
import { SingleInstance } from "../control/single-instance.ts";
import { type DaemonStatus, SNAPSHOT_VERSION } from "../control/snapshot.ts";
import type { Configuration } from "../core/configuration.ts";
import { notifyServiceManager } from "../kernel/notify.ts";
import type { KernelStatus } from "../kernel/port.ts";
import { requireFeatures } from "./features.ts";
import { Ipmp } from "./ipmp.ts";
import type { Log } from "./log.ts";

export interface ServiceOptions {
  readonly configuration: Configuration;
  readonly configurationFile: string;
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
  const lock = await SingleInstance.acquire();
  try {
    // Before the first change in the kernel: a runtime directory that is wrong must not leave half a start behind.
    const started = new Deferred<Ipmp>();
    const control = await openControl(started.promise, options);
    try {
      await work(started, control, options);
    } finally {
      await control.close();
    }
  } finally {
    await lock.release();
  }
}

/** Who asks before the start is done waits for it. */
function openControl(started: Promise<Ipmp>, options: ServiceOptions): Promise<ControlServer> {
  const { configuration, configurationFile, runtimeDir, version } = options;
  const daemon: DaemonStatus = { version, pid: process.pid, startedAt: new Date().toISOString(), configurationFile };
  const source: ControlSource = {
    snapshot: async () => {
      const ipmp = await started;
      return { version: SNAPSHOT_VERSION, daemon, kernel: ipmp.status(), ...ipmp.snapshot() };
    },
    configuration: () => configuration,
  };
  return ControlServer.start({ runtimeDir, source });
}

async function work(started: Deferred<Ipmp>, control: ControlServer, options: ServiceOptions): Promise<void> {
  const { configuration, configurationFile, version, log, environment, signal } = options;
  const ipmp = await startLogged(control, options);
  started.resolve(ipmp);
  try {
    tell(environment, "READY=1");
    log.write("info", `ipmpd ${version} works on ${groupNames(configuration)} from ${configurationFile}`);
    await ended(ipmp, signal);
    tell(environment, "STOPPING=1");
    log.write("info", "Stopping; addresses and routes stay as they are (`ipmpd --release` takes them away)");
  } finally {
    await ipmp.stop();
  }
}

async function startLogged(control: ControlServer, options: ServiceOptions): Promise<Ipmp> {
  const { configuration, stateDir, log, environment } = options;
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdogUs } = environment;
  const ipmp = await Ipmp.start(configuration, {
    stateDir,
    // Twice within the interval, as the service manager's manual advises.
    ...(socket && watchdogUs ? { watchdog: { socket, intervalMs: Number(watchdogUs) / 1000 / 2 } } : {}),
    listener: (event) => {
      control.publish(event);
      if (event.type === "message") log.write(event.level, event.text, { cause: event.cause, ...event.message });
    },
    failed: (text) => log.write("error", text),
  });
  logStatus(ipmp.status(), log);
  return ipmp;
}

/** A promise that somebody else resolves. */
class Deferred<Value> {
  resolve: (value: Value) => void = () => undefined;
  readonly promise = new Promise<Value>((resolve) => {
    this.resolve = resolve;
  });
}

/** What the I/O thread was refused does not keep it from working, but the administrator should know. */
function logStatus({ realtime, locked }: KernelStatus, log: Log): void {
  if (realtime !== true) log.write("warning", `The I/O thread runs without real-time priority: ${realtime}`);
  if (locked !== true) log.write("warning", `The I/O thread's memory is not locked: ${locked}`);
}

function groupNames({ groups }: Configuration): string {
  const names = groups.map((group) => group.name).join(", ");
  return groups.length === 1 ? `group ${names}` : `${groups.length} groups (${names})`;
}

function tell({ NOTIFY_SOCKET: socket }: NodeJS.ProcessEnv, state: string): void {
  if (socket) notifyServiceManager(socket, state);
}

/** Resolves when `signal` is aborted, rejects when the worker ends by itself. */
function ended(ipmp: Ipmp, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    ipmp.once("error", reject);
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
