/**
 * Entry of the control worker: the machine and its loop live here, so that whatever keeps the main thread busy (the API, the
 * program that embeds us, its garbage) does not delay a failover.
 */
import { parentPort, workerData } from "node:worker_threads";
import { KernelError } from "../kernel/errors.ts";
import { notifyServiceManager } from "../kernel/notify.ts";
import { Rtnetlink } from "../kernel/rtnetlink.ts";
import { Loop } from "./loop.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-protocol.ts";

const port = parentPort;
if (port === null) throw new Error("assertion failed: the control worker was started as a program of its own");
const options = workerData as WorkerOptions;
const say = (message: FromWorker): void => port.postMessage(message);

try {
  serve(openLoop());
} catch (error) {
  if (!(error instanceof KernelError)) throw error;
  say({ type: "refused", text: error.message, code: error.code, operation: error.operation });
  port.close();
}

function openLoop(): Loop {
  const { watchdog } = options;
  return new Loop(
    (listener) => Rtnetlink.open(kernelOptions(options), listener),
    {
      log: (entry) => say({ type: "log", entry }),
      failed: (error) => say({ type: "failed", text: error.message }),
      changed: (snapshot, status) => say({ type: "changed", snapshot, status }),
      settled: () => say({ type: "settled" }),
    },
    watchdog && { intervalMs: watchdog.intervalMs, beat: () => notifyServiceManager(watchdog.socket, "WATCHDOG=1") },
  );
}

function serve(loop: Loop): void {
  parentPort?.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "configure":
        loop.configure(message.configuration);
        return;
      case "release":
        say({ type: "released", unfinished: loop.release() });
        return;
      case "close":
        loop.close();
        // Nothing else is open here: the worker ends by itself.
        parentPort?.close();
        return;
    }
  });
}

function kernelOptions({ namespace, settingsFile, realtime }: WorkerOptions): Parameters<typeof Rtnetlink.open>[0] {
  return { settingsFile, realtime, ...(namespace === undefined ? {} : { netns: namespace }) };
}
