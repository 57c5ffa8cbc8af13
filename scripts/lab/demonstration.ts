/** A cable is pulled, then a path dies silently, under traffic and in front of an audience. */
import { FlowMeter } from "../../test/support/flow.ts";
import { detectionText, type Prober } from "./detection-text.ts";
import { type Play, PULLED_CABLE, play, SILENT_PATH, showGroup, showTools, watch } from "./scenes.ts";
import { beginProbing, DETECTION_TIME_MS, type Stage, setStage } from "./stage.ts";
import { complaint, gap, streamPlans, streamTable } from "./streams.ts";
import type { Terminal } from "./terminal.ts";

const INTERVAL_US = 100;
/** While probes are judged: cables that are a process of ours shall not be what delays them. */
const PROBED_INTERVAL_US = 1000;
/**
 * The verdict's limits for the outage of a stream. A failover itself takes about a millisecond; virtual machines stop for tens of
 * milliseconds on their own, and that is not its fault. A silent path is judged by a thread without real-time class, beside
 * cables and a meter that have it: on two busy processors it may have to wait.
 */
const LONGEST_OUTAGE_US = 100_000;
const LONGEST_SILENT_OUTAGE_TIMES = 5;

/** Plays the whole piece; true when every stream lived through it. */
export async function demonstrate(terminal: Terminal): Promise<boolean> {
  terminal.heading("A host with three interfaces, a switch with a neighbour, a router and a client");
  const stage = await setStage(terminal);
  const cables = stage.laboratory.options.wire === "tap" ? "tap, as slow to tell as physical ones" : "veth";
  await showGroup(terminal, stage);
  await showTools(terminal, stage, ["-g", "-i", "-a"]);

  const meter = await startTraffic(terminal, stage, INTERVAL_US);
  terminal.remark(
    `  (cables: ${cables}; meter in the real-time class: ${meter.realtime ? "yes" : "no, so expect noise"})`,
  );
  const pulled = await play(terminal, stage, meter, PULLED_CABLE);
  await meter.stop();

  // Programs that start make targets slow, and slow targets raise the failure detection time: the streams come first.
  const slowMeter = await startTraffic(terminal, stage, PROBED_INTERVAL_US);
  terminal.heading(`The members get test addresses, and are probed; failure detection time ${DETECTION_TIME_MS} ms`);
  await beginProbing(terminal, stage);
  await showTools(terminal, stage, ["-g", "-tn"]);
  const silent = await play(terminal, stage, slowMeter, SILENT_PATH);
  await slowMeter.stop();

  const { prober } = await stage.daemon.snapshot();
  await stage.daemon.stop();
  await terminal.during("taking the laboratory down", stage.laboratory.close());
  return judge(terminal, pulled, silent, prober);
}

/** Starts all streams, and shows them undisturbed. */
async function startTraffic(terminal: Terminal, { laboratory }: Stage, intervalUs: number): Promise<FlowMeter> {
  terminal.heading(`Traffic: UDP every ${intervalUs} us both ways in both families, and TCP`);
  const starting = FlowMeter.start(laboratory, streamPlans(), intervalUs);
  const meter = await terminal.during("starting the streams", starting);
  await meter.mark();
  terminal.block(streamTable(await watch(terminal, meter)));
  return meter;
}

function judge(terminal: Terminal, pulled: Play, silent: Play, prober: Prober): boolean {
  const longestSilentUs = LONGEST_SILENT_OUTAGE_TIMES * silent.detectionTimeMs * 1000;
  const wrong =
    [pulled.failure, pulled.repair, silent.repair]
      .map((report) => complaint(report, LONGEST_OUTAGE_US))
      .find(Boolean) ?? complaint(silent.failure, longestSilentUs);
  if (wrong !== undefined) {
    terminal.verdict(false, `FAILED: ${wrong}.`);
    return false;
  }
  const lines = [
    `OK: longest gap ${gap(pulled.failure)} when the cable was pulled, ${gap(pulled.repair)} on its return;`,
    `${gap(silent.failure)} when the path died silently (${detectionText(silent, prober, DETECTION_TIME_MS)}),`,
    `${gap(silent.repair)} on its return; TCP lived.`,
  ];
  terminal.verdict(true, lines.join("\n"));
  return true;
}
