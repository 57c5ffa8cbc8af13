/** What happens to one member under traffic, event by event, in front of the audience. */
import type { DaemonSnapshot } from "../../src/control/client.ts";
import { type FlowMeter, type FlowReport, tcpReports, udpReports } from "../../test/support/flow.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { drawGroup } from "./drawing.ts";
import { DATA, type Stage } from "./stage.ts";
import { streamTable } from "./streams.ts";
import type { Terminal } from "./terminal.ts";

/** How long traffic is watched before and after each event, by the packets of each stream. */
const WATCHED_US = 1_000_000;
/** A connection that repeats what was lost has waited for twice as long each time: it may catch up for so long. */
const CATCHING_UP_US = 5_000_000;
/** A returned link is believed after a while, and its own addresses take up to two seconds to be usable. */
const RETURN_DEADLINE_MS = 15_000;

/** One blow to a member, and its end. */
export interface Trouble {
  readonly beginning: (nic: string) => string;
  readonly end: (nic: string) => string;
  readonly begin: (stage: Stage, nic: string) => Promise<unknown>;
  readonly finish: (stage: Stage, nic: string) => Promise<unknown>;
  /** What of the tools shows it best. */
  readonly tools: readonly string[];
}

export const PULLED_CABLE: Trouble = {
  beginning: (nic) => `The cable of ${nic} is pulled`,
  end: (nic) => `The cable of ${nic} is plugged in again`,
  begin: ({ laboratory }, nic) => laboratory.pull(nic),
  finish: ({ laboratory }, nic) => laboratory.plug(nic),
  tools: ["-g", "-i", "-a"],
};

export const SILENT_PATH: Trouble = {
  beginning: (nic) =>
    `The path of ${nic} dies silently behind the switch port: its link stays up, and only probes can tell`,
  end: (nic) => `The path of ${nic} is good again`,
  begin: ({ laboratory }, nic) => laboratory.blackhole(nic),
  finish: ({ laboratory }, nic) => laboratory.heal(nic),
  tools: ["-g", "-i", "-tn"],
};

/** The windows measured around the trouble and around its end. */
export interface Play {
  readonly failure: FlowReport;
  readonly repair: FlowReport;
  /** Failure detection time in force (ms); 0 where nobody is probed. */
  readonly detectionTimeMs: number;
}

/** Strikes the member that carries the first data address, and lets it return. */
export async function play(terminal: Terminal, stage: Stage, meter: FlowMeter, trouble: Trouble): Promise<Play> {
  const { daemon } = stage;
  const before = await daemon.snapshot();
  const nic = before.addresses.find(({ address }) => address === DATA[4])?.inbound;
  if (!nic) throw new Error(`nobody carries ${DATA[4]}`);

  terminal.heading(trouble.beginning(nic));
  await meter.mark();
  await trouble.begin(stage, nic);
  const moved = daemon.until(`the addresses of ${nic} to move away`, ({ addresses, interfaces }) => {
    const failed = interfaces.some((member) => member.name === nic && member.state === "failed");
    return failed && addresses.every(({ inbound }) => inbound !== null && inbound !== nic);
  });
  const after = await terminal.during("waiting for the failover", moved);
  const failure = await watch(terminal, meter);
  await showWindow(terminal, stage, failure);
  await showTools(terminal, stage, trouble.tools);

  terminal.heading(trouble.end(nic));
  await meter.mark();
  await trouble.finish(stage, nic);
  const returned = daemon.until(
    `${nic} to be active again`,
    ({ groups, addresses }) =>
      groups.every((group) => group.state === "ok" && group.active.includes(nic)) &&
      addresses.some(({ inbound }) => inbound === nic),
    RETURN_DEADLINE_MS,
  );
  await terminal.during("waiting for the return", returned);
  const repair = await watch(terminal, meter);
  await showWindow(terminal, stage, repair);
  return { failure, repair, detectionTimeMs: Math.max(detectionTimeIn(before), detectionTimeIn(after)) };
}

function detectionTimeIn({ groups }: DaemonSnapshot): number {
  return Math.max(0, ...groups.map(({ failureDetectionTimeMs }) => failureDetectionTimeMs ?? 0));
}

/** Waits until every stream has sent another second's worth and TCP has caught up; returns the window since the last mark. */
export async function watch(terminal: Terminal, meter: FlowMeter): Promise<FlowReport> {
  const start = udpReports(await meter.report())[0]?.sent ?? 0;
  const hasSent = (report: FlowReport, us: number) =>
    udpReports(report).every(({ sent, intervalUs }) => (sent - start) * intervalUs >= us);
  const report = waitFor(
    "another second of traffic",
    () => meter.report(),
    (seen) => hasSent(seen, WATCHED_US) && (hasCaughtUp(seen) || hasSent(seen, CATCHING_UP_US)),
  );
  return terminal.during("traffic flows", report);
}

function hasCaughtUp(report: FlowReport): boolean {
  return tcpReports(report).every(({ sent, received, broken }) => received === sent || broken !== "");
}

export async function showGroup(terminal: Terminal, { daemon }: Stage): Promise<void> {
  terminal.block(drawGroup(await daemon.snapshot()));
}

async function showWindow(terminal: Terminal, stage: Stage, report: FlowReport): Promise<void> {
  await showGroup(terminal, stage);
  terminal.line();
  terminal.block(streamTable(report));
}

/** Each is the words of one call of `ipmpstat`. */
export async function showTools(terminal: Terminal, { daemon }: Stage, tools: readonly string[]): Promise<void> {
  for (const words of tools) {
    const { stdout } = await daemon.ipmpstat(words);
    terminal.remark(`\n  $ ipmpstat ${words}`);
    terminal.block(stdout);
  }
}
