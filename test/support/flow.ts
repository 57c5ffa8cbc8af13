/** Measures traffic through a laboratory: paced UDP flows and TCP connections, by native/lab/meter.cc. */
import { IpmpError } from "../../src/core/errors.ts";
import type { LabTool } from "./lab-tool.ts";
import type { Laboratory, Namespace } from "./laboratory.ts";

export interface FlowEnd {
  readonly namespace: Namespace;
  /** Numeric, of one family. A UDP flow may go to many, which are then served in turn. */
  readonly address: string | readonly string[];
}

export interface FlowPlan {
  /** What reports call it; no spaces. */
  readonly name: string;
  readonly kind: "udp" | "tcp";
  readonly from: FlowEnd;
  readonly to: FlowEnd;
}

/** Packets lost in a row; times of sending in monotonic ns. */
export interface LostRun {
  readonly firstSeq: number;
  readonly count: number;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface UdpReport {
  readonly name: string;
  readonly kind: "udp";
  readonly intervalUs: number;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Arrived, but longer than a millisecond on the way. */
  readonly late: number;
  readonly slowestUs: number;
  /** Longest time between two arrivals, and between two sendings: the latter is the meter's own noise. */
  readonly longestGapUs: number;
  readonly longestSendGapUs: number;
  /** Refused sendings by errno; they are among the lost. */
  readonly errors: Readonly<Record<string, number>>;
  /** At most 200. */
  readonly lostRuns: readonly LostRun[];
  /** Only for flows to many: how many lost something, and when the first and the last of them was reached again. */
  readonly destinations?: {
    readonly count: number;
    readonly hit: number;
    readonly unrepaired: number;
    readonly firstRepairedNs: number;
    readonly lastRepairedNs: number;
  };
}

export interface TcpReport {
  readonly name: string;
  readonly kind: "tcp";
  readonly intervalUs: number;
  readonly sent: number;
  /** Records that came back, in order and complete. */
  readonly received: number;
  readonly wrong: number;
  readonly longestSilenceUs: number;
  /** The errno that ended the connection, or "". */
  readonly broken: string;
}

export interface FlowReport {
  /** End of the window in monotonic ns. */
  readonly reportNs: number;
  readonly flows: readonly (UdpReport | TcpReport)[];
}

/** Time without service: what was lost, times the interval. Steadier than the longest gap, which the machine's own pauses spoil. */
export function outageUs(report: UdpReport): number {
  return report.lost * report.intervalUs;
}

export function udpReports(report: FlowReport): UdpReport[] {
  return report.flows.filter((flow) => flow.kind === "udp");
}

export function tcpReports(report: FlowReport): TcpReport[] {
  return report.flows.filter((flow) => flow.kind === "tcp");
}

export function endWord({ namespace, address }: FlowEnd): string {
  return `${typeof address === "string" ? address : address.join(",")}@${namespace}`;
}

/** Flows under way. A window lasts from the last mark to the report. */
export class FlowMeter {
  /** False: the kernel refused the real-time class, so expect more noise. */
  readonly realtime: boolean;
  readonly #tool: LabTool;

  private constructor(tool: LabTool, realtime: boolean) {
    this.#tool = tool;
    this.realtime = realtime;
  }

  /** Starts all flows and returns when each has got through; throws FLOW_SILENT naming those that did not in 5 s. */
  static async start(laboratory: Laboratory, plans: readonly FlowPlan[], intervalUs = 100): Promise<FlowMeter> {
    const words = plans.flatMap(({ name, kind, from, to }) => [kind, name, endWord(from), endWord(to)]);
    const tool = laboratory.tool("lab_flow", [String(intervalUs), ...words]);
    try {
      const { realtime } = JSON.parse(await tool.line()) as { realtime: boolean };
      return new FlowMeter(tool, realtime);
    } catch (error) {
      throw new IpmpError("FLOW_SILENT", (error as Error).message, { cause: error });
    }
  }

  /** Begins a new window. Returns when, in monotonic ns. */
  async mark(): Promise<number> {
    return (JSON.parse(await this.#tool.ask("mark")) as { markNs: number }).markNs;
  }

  /** The window so far; waits up to 300 ms for packets on the way. Traffic goes on. */
  async report(): Promise<FlowReport> {
    return JSON.parse(await this.#tool.ask("report")) as FlowReport;
  }

  /** The window so far, and the end of all flows. */
  async stop(): Promise<FlowReport> {
    return JSON.parse(await this.#tool.askLast("stop")) as FlowReport;
  }
}
