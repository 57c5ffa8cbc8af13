/** The rows of the prober: what it detects, what it bears, what it costs, and how many probes it can send. */
import { bfdd, blackHoleDetection, SUBNET_EACH } from "./bfdd.ts";
import { falseFailures, ourFalseFailures } from "./busy.ts";
import { type Entrant, withContestant } from "./contestant.ts";
import type { Effort, Experiment, Measured, Row } from "./experiment.ts";
import { BLACK_HOLE, FailoverRig, flowLines, pullSeries } from "./failover.ts";
import { fourFlows, WATCHED } from "./household.ts";
import { IPMPD } from "./ipmpd.ts";
import { KEEPALIVED } from "./keepalived.ts";
import { probingCost } from "./probing-costs.ts";
import { fpingRate, ourRate, packageRate } from "./rate.ts";
import { verdictLatency } from "./verdicts.ts";

const INTERVAL_US = 100;
const FLOWS = fourFlows();
const NAMES = FLOWS.map(({ name }) => name);

async function blackHoles(entrant: Entrant, { runs }: Effort): Promise<Measured> {
  const pulls = await withContestant(entrant, { nics: 2 }, WATCHED, async (laboratory, contestant) => {
    const rig = await FailoverRig.start(laboratory, contestant, FLOWS, INTERVAL_US, BLACK_HOLE);
    return await pullSeries(rig, NAMES, runs);
  });
  return flowLines(pulls, NAMES);
}

/** In percent of one processor. What is wanted is wanted of the probing; what the rest of the daemon takes is told. */
function costRows(what: string, target: number): Row[] {
  const told = { unit: "%", target: undefined } as const;
  return [
    { series: "probing", title: `${what}, probing alone`, unit: "%", target },
    { series: "prober", title: `${what}, its probing thread`, ...told },
    { series: "watch", title: `${what}, its watch of carriers`, ...told },
    { series: "rest", title: `${what}, its other threads`, ...told },
    { series: "whole", title: `${what}, whole daemon`, ...told },
    { series: "silent", title: `${what}, whole daemon without test addresses`, ...told },
  ];
}

export const PROBER_EXPERIMENTS: readonly Experiment[] = [
  {
    id: "probe-blackhole",
    us: (effort) => blackHoles(IPMPD, effort),
    peers: [
      { name: "keepalived", measure: (effort) => blackHoles(KEEPALIVED, effort) },
      { name: "bfdd", measure: (effort) => blackHoleDetection(false, effort) },
      { name: "bfdd, real time", measure: (effort) => blackHoleDetection(true, effort) },
    ],
    rows: [
      { series: "in4", title: "silent black hole, 10 ms, inbound IPv4", unit: "ms", target: 12 },
      { series: "out4", title: "silent black hole, 10 ms, outbound IPv4", unit: "ms", target: 12 },
      { series: "in6", title: "silent black hole, 10 ms, inbound IPv6", unit: "ms", target: 12 },
      { series: "out6", title: "silent black hole, 10 ms, outbound IPv6", unit: "ms", target: 12 },
    ],
  },
  {
    id: "probe-stability",
    us: (effort) => ourFalseFailures(WATCHED, effort),
    peers: [
      { name: "bfdd", measure: (effort) => falseFailures(bfdd(false), SUBNET_EACH, effort) },
      { name: "bfdd, real time", measure: (effort) => falseFailures(bfdd(true), SUBNET_EACH, effort) },
    ],
    rows: [
      { series: "failures", title: "false failures, 8 cards at 10 ms, processors busy", unit: "", target: 0 },
      { series: "unsent", title: "probes unsent in that time", unit: "", target: undefined },
      { series: "lost", title: "probes lost in that time", unit: "", target: undefined },
    ],
  },
  {
    id: "probe-rate",
    us: ourRate,
    peers: [
      { name: "fping", measure: fpingRate },
      { name: "raw-socket", measure: (effort) => packageRate("raw-socket", effort) },
      { name: "net-ping", measure: (effort) => packageRate("net-ping", effort) },
    ],
    rows: [
      { series: "rate", title: "probes a second by one thread, veth", unit: "1/s", target: 300_000, atLeast: true },
      { series: "cpu", title: "processor time for each of them", unit: "us", target: 3 },
    ],
  },
  {
    id: "probe-latency",
    us: verdictLatency,
    peers: [],
    rows: [
      {
        series: "heard50",
        title: "verdict to worker, main thread blocked a fifth of the time, p50",
        unit: "us",
        target: undefined,
      },
      {
        series: "heard99",
        title: "verdict to worker, main thread blocked a fifth of the time, p99",
        unit: "us",
        target: undefined,
      },
      {
        series: "done50",
        title: "verdict to deed, main thread blocked a fifth of the time, p50",
        unit: "us",
        target: 80,
      },
      {
        series: "done99",
        title: "verdict to deed, main thread blocked a fifth of the time, p99",
        unit: "us",
        target: 1000,
      },
    ],
  },
  {
    id: "probe-cost/256",
    us: (effort) => probingCost({ nics: 256 }, effort),
    peers: [],
    rows: costRows("256 cards x 5 targets at 10 s", 1),
  },
  {
    id: "probe-cost/64",
    us: (effort) => probingCost({ nics: 64, detectionTime: "100ms" }, effort),
    peers: [],
    rows: costRows("64 cards x 5 targets at 100 ms", 8),
  },
];
