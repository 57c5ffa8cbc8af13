/**
 * Entry of the control worker: the machine and its loop live here, so that whatever keeps the main thread busy (the API, the
 * program that embeds us, its garbage, the disk) does not delay a failover.
 */
import { parentPort, workerData } from "node:worker_threads";
import { KernelError } from "../kernel/errors.ts";
import { notifyServiceManager } from "../kernel/notify.ts";
import { Rtnetlink } from "../kernel/rtnetlink.ts";
import { Loop } from "./loop.ts";
import { goFirst } from "./priority.ts";
import { ProbeOutbox } from "./probe-outbox.ts";
import { ThreadProber } from "./thread-prober.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-protocol.ts";

const port = parentPort;
if (port === null) throw new Error("assertion failed: the control worker was started as a program of its own");
const options = workerData as WorkerOptions;
const say = (message: FromWorker): void => port.postMessage(message);
/** Configurations that have not been in place yet. */
const unsettled: number[] = [];
const outbox = new ProbeOutbox((events) => say({ type: "probes", events }));

if (options.realtime) goFirst();
try {
  serve(openLoop());
} catch (error) {
  if (!(error instanceof KernelError)) throw error;
  say({ type: "refused", text: error.message, code: error.code, operation: error.operation });
  port.close();
}

function openLoop(): Loop {
  const { watchdog } = options;
  const ears = {
    failed: (text: string) => say({ type: "failed", text }),
    recovered: (text: string) => say({ type: "recovered", text }),
    scanned: () => say({ type: "scanned" }),
  };
  return new Loop(
    {
      kernel: (listener) =>
        Rtnetlink.open({ ...place(options), settingsFile: options.settingsFile }, { ...listener, ...ears }),
      prober: (listener) => ThreadProber.open(place(options), listener),
    },
    {
      log: (entry) => say({ type: "log", entry }),
      failed: (error) => say({ type: "failed", text: error.message }),
      stalled: (stall) => say({ type: "stalled", stall }),
      changed: (view) => say({ type: "changed", view }),
      settled: () => {
        for (const id of unsettled.splice(0)) say({ type: "configured", id });
        say({ type: "settled" });
      },
      keep: (memory) => say({ type: "keep", memory }),
      answer: (id, refusal) => say({ type: "answer", id, refusal }),
    },
    watchdog && { intervalMs: watchdog.intervalMs, beat: () => beat(watchdog.socket) },
  );
}

/** A service manager that can not be reached for a moment must not end what it watches. */
function beat(socket: string): void {
  try {
    // It never waits: the loop would wait with it, and the next sign of life is soon.
    notifyServiceManager(socket, "WATCHDOG=1", 0);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    say({ type: "failed", text: `The service manager was not given a sign of life: ${error.message}` });
  }
}

function serve(loop: Loop): void {
  parentPort?.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "remember":
        loop.remember(message.memory);
        return;
      case "configure":
        unsettled.push(message.id);
        loop.configure(message.configuration);
        return;
      case "request":
        loop.request(message.id, message.request);
        return;
      case "look":
        say({ type: "view", id: message.id, view: loop.look() });
        return;
      case "statistics":
        sayStatistics(loop, message.id);
        return;
      case "watch-probes":
        loop.watchProbes(message.wanted ? (events) => outbox.put(events) : undefined);
        if (!message.wanted) outbox.clear();
        return;
      case "probes-taken":
        outbox.taken();
        return;
      case "release":
        say({ type: "released", id: message.id, unfinished: loop.release() });
        return;
      case "close":
        loop.close();
        // Nothing else is open here: the worker ends by itself.
        parentPort?.close();
        return;
    }
  });
}

/** Closed meanwhile: nobody waits for an answer any more. */
function sayStatistics(loop: Loop, id: number): void {
  loop.statistics().then(
    (statistics) => say({ type: "statistics", id, statistics, view: loop.look() }),
    () => undefined,
  );
}

/** Where both doors lead to, and how. */
function place({ namespace, realtime }: WorkerOptions): { realtime: boolean; netns?: string } {
  return { realtime, ...(namespace === undefined ? {} : { netns: namespace }) };
}
