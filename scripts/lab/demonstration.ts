/** A cable is pulled and plugged again under traffic, in front of an audience. */
import { FlowMeter, type FlowReport, udpReports } from "../../test/support/flow.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { drawGroup } from "./drawing.ts";
import { DATA, type Stage, setStage } from "./stage.ts";
import { complaint, milliseconds, streamPlans, streamTable, worstOutageUs } from "./streams.ts";
import type { Terminal } from "./terminal.ts";

const INTERVAL_US = 100;
/** How long traffic is watched before and after each event, in packets of each stream: one second. */
const WATCHED_PACKETS = 10_000;
/**
 * The verdict's limit for the outage of a stream. The failover itself takes about a millisecond; virtual machines stop
 * for tens of milliseconds on their own, and that is not its fault.
 */
const LONGEST_OUTAGE_US = 100_000;
/** A returned link is believed after a while, and its own addresses take up to two seconds to be usable. */
const RETURN_DEADLINE_MS = 15_000;

/** Waits until every stream has sent another second's worth, and returns the window since the last mark. */
async function watch(terminal: Terminal, meter: FlowMeter): Promise<FlowReport> {
  const start = udpReports(await meter.report())[0]?.sent ?? 0;
  const report = waitFor(
    "another second of traffic",
    () => meter.report(),
    (seen) => udpReports(seen).every((flow) => flow.sent >= start + WATCHED_PACKETS),
  );
  return terminal.during("traffic flows", report);
}

async function showGroup(terminal: Terminal, { daemon }: Stage): Promise<void> {
  terminal.block(drawGroup(await daemon.snapshot()));
}

async function showTools(terminal: Terminal, { daemon }: Stage): Promise<void> {
  for (const mode of ["-g", "-i", "-a"]) {
    const { stdout } = await daemon.ipmpstat(mode);
    terminal.remark(`\n  $ ipmpstat ${mode}`);
    terminal.block(stdout);
  }
}

/** Pulls the cable of the member that carries the first data address. Returns that member and the measured window. */
async function pull(terminal: Terminal, stage: Stage, meter: FlowMeter): Promise<[string, FlowReport]> {
  const carrier = (await stage.daemon.snapshot()).addresses.find(({ address }) => address === DATA[4])?.inbound;
  if (!carrier) throw new Error(`nobody carries ${DATA[4]}`);
  terminal.heading(`The cable of ${carrier} is pulled`);
  await meter.mark();
  await stage.laboratory.pull(carrier);
  const moved = stage.daemon.until(`the addresses of ${carrier} to move away`, ({ addresses, interfaces }) => {
    const failed = interfaces.some((member) => member.name === carrier && member.state === "failed");
    return failed && addresses.every(({ inbound }) => inbound !== null && inbound !== carrier);
  });
  await terminal.during("waiting for the failover", moved);
  const report = await watch(terminal, meter);
  await showGroup(terminal, stage);
  terminal.line();
  terminal.block(streamTable(report));
  return [carrier, report];
}

/** Puts the cable back and waits for the member to carry data again. */
async function plug(terminal: Terminal, stage: Stage, meter: FlowMeter, nic: string): Promise<FlowReport> {
  terminal.heading(`The cable of ${nic} is plugged in again`);
  await meter.mark();
  await stage.laboratory.plug(nic);
  const returned = stage.daemon.until(
    `${nic} to be active again`,
    ({ groups, addresses }) =>
      groups.every((group) => group.state === "ok" && group.active.includes(nic)) &&
      addresses.some(({ inbound }) => inbound === nic),
    RETURN_DEADLINE_MS,
  );
  await terminal.during("waiting for the return", returned);
  const report = await watch(terminal, meter);
  await showGroup(terminal, stage);
  terminal.line();
  terminal.block(streamTable(report));
  return report;
}

/** Plays the whole piece; true when every stream lived through it. */
export async function demonstrate(terminal: Terminal): Promise<boolean> {
  terminal.heading("A host with three interfaces, a switch, a router and a client");
  const stage = await setStage(terminal);
  const cables = stage.laboratory.options.wire === "tap" ? "tap, as slow to tell as physical ones" : "veth";
  await showGroup(terminal, stage);
  await showTools(terminal, stage);

  terminal.heading(`Traffic: UDP every ${INTERVAL_US} us both ways in both families, and TCP`);
  const meter = await terminal.during(
    "starting the streams",
    FlowMeter.start(stage.laboratory, streamPlans(), INTERVAL_US),
  );
  await meter.mark();
  const idle = await watch(terminal, meter);
  terminal.block(streamTable(idle));
  terminal.remark(
    `  (cables: ${cables}; meter in the real-time class: ${meter.realtime ? "yes" : "no, so expect noise"})`,
  );

  const [nic, failure] = await pull(terminal, stage, meter);
  await showTools(terminal, stage);
  const repair = await plug(terminal, stage, meter, nic);
  await meter.stop();
  await stage.daemon.stop();
  await terminal.during("taking the laboratory down", stage.laboratory.close());
  return judge(terminal, failure, repair);
}

function judge(terminal: Terminal, failure: FlowReport, repair: FlowReport): boolean {
  const wrong = complaint(failure, LONGEST_OUTAGE_US) ?? complaint(repair, LONGEST_OUTAGE_US);
  if (wrong !== undefined) {
    terminal.verdict(false, `FAILED: ${wrong}.`);
    return false;
  }
  const gaps = [worstOutageUs(failure), worstOutageUs(repair)].map((us) => (us === 0 ? "none" : milliseconds(us)));
  terminal.verdict(true, `OK: longest gap ${gaps[0]} when the cable was pulled, ${gaps[1]} on its return; TCP lived.`);
  return true;
}
