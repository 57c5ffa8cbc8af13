/** The traffic of the demonstration, and what became of it. */
import {
  type FlowPlan,
  type FlowReport,
  outageUs,
  tcpReports,
  type UdpReport,
  udpReports,
} from "../../test/support/flow.ts";
import { ADDRESSES } from "../../test/support/laboratory.ts";
import { DATA } from "./stage.ts";

/** Both ways, both families, and one connection. */
export function streamPlans(): FlowPlan[] {
  const udp = ([4, 6] as const).flatMap((family): FlowPlan[] => {
    const host = { namespace: "host", address: DATA[family] } as const;
    const client = { namespace: "client", address: ADDRESSES.client[family] } as const;
    return [
      { name: `IPv${family}-in`, kind: "udp", from: client, to: host },
      { name: `IPv${family}-out`, kind: "udp", from: host, to: client },
    ];
  });
  const from = { namespace: "client", address: ADDRESSES.client[4] } as const;
  return [...udp, { name: "TCP", kind: "tcp", from, to: { namespace: "host", address: DATA[4] } }];
}

/** Microseconds as milliseconds, for people. */
export function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
}

/** The longest outage of a UDP stream in a window, in microseconds. */
export function worstOutageUs(report: FlowReport): number {
  return Math.max(...udpReports(report).map(outageUs));
}

function udpLine({ name, sent, lost, intervalUs }: UdpReport): string {
  const what = `UDP ${name.replace("-", " ")}`.padEnd(14);
  const outage = lost === 0 ? "no gap" : `gap ${milliseconds(lost * intervalUs)}`;
  return `${what}${String(sent).padStart(7)} sent  ${String(lost).padStart(5)} lost   ${outage}`;
}

/** One line per stream. */
export function streamTable(report: FlowReport): string {
  const tcp = tcpReports(report).map(({ sent, received, wrong, broken, longestSilenceUs }) => {
    const fate = broken === "" ? `longest silence ${milliseconds(longestSilenceUs)}` : `BROKEN by ${broken}`;
    return `${"TCP IPv4 echo".padEnd(14)}${String(sent).padStart(7)} sent  ${String(sent - received + wrong).padStart(5)} lost   ${fate}`;
  });
  return [...udpReports(report).map(udpLine), ...tcp].join("\n");
}

/** Why this window is not good enough, or undefined. */
export function complaint(report: FlowReport, longestOutageUs: number): string | undefined {
  const broken = tcpReports(report).find((flow) => flow.broken !== "" || flow.wrong > 0 || flow.received < flow.sent);
  if (broken !== undefined) return `the TCP connection did not live (${broken.broken || "records missing"})`;
  const slow = udpReports(report).find((flow) => outageUs(flow) > longestOutageUs);
  return slow && `${slow.name} was without service for ${milliseconds(outageUs(slow))}`;
}

/** The longest outage, for people. */
export function gap(report: FlowReport): string {
  const us = worstOutageUs(report);
  return us === 0 ? "none" : milliseconds(us);
}
