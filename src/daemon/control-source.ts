/** What the local API answers with, and who carries out what is asked of it. */
import { fileForm } from "../config/file-form.ts";
import type { ControlSource } from "../control/routes.ts";
import { type DaemonStatus, SNAPSHOT_VERSION } from "../control/snapshot.ts";
import type { RequestRefusal } from "../core/actions.ts";
import { RequestRefusedError } from "./errors.ts";
import type { Ipmp } from "./ipmp.ts";
import type { Reloader } from "./reloader.ts";
import { SharedAnswer } from "./shared-answer.ts";

/** Every local user may ask, and the worker that answers has failovers to do. */
const YOUNG_MS = 100;

/** A worker that is busy for longer has better things to do: the picture of its latest change serves as well. */
const LOOK_LIMIT_MS = 500;

/** Less than clients wait. */
const STATISTICS_LIMIT_MS = 4_000;

/** Who asks before the start is done waits for it. */
export function controlSource(started: Promise<Ipmp>, reloader: Reloader, daemon: DaemonStatus): ControlSource {
  const looks = new SharedAnswer(async () => {
    const ipmp = await started;
    await ipmp.refresh({ signal: AbortSignal.timeout(LOOK_LIMIT_MS) }).catch(() => undefined);
    return ipmp;
  }, YOUNG_MS);
  const probes = new SharedAnswer(async () => {
    return await (await started).probes({ signal: AbortSignal.timeout(STATISTICS_LIMIT_MS) });
  }, YOUNG_MS);
  return {
    snapshot: async () => {
      const ipmp = await looks.get();
      const threads = { kernel: ipmp.status(), prober: ipmp.proberStatus() };
      return { version: SNAPSHOT_VERSION, daemon, ...threads, ...ipmp.snapshot() };
    },
    probes: () => probes.get(),
    followProbes: (listener) => {
      void started.then((ipmp) => ipmp.on("probe", listener));
      return () => void started.then((ipmp) => ipmp.off("probe", listener));
    },
    configuration: async () => fileForm(await reloader.configuration),
    request: async (op, name, minimumRedundancy) => {
      const ipmp = await started;
      return refusalOf(op === "offline" ? ipmp.offline(name, { minimumRedundancy }) : ipmp.online(name));
    },
    reload: () => reloader.fromFile(),
    applyConfiguration: (text) => reloader.fromText(text),
  };
}

async function refusalOf(request: Promise<void>): Promise<RequestRefusal | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof RequestRefusedError) return error.refusal;
    throw error;
  }
}
