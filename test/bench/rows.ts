/** The rows of the benchmark: what is measured, of whom, and what we want to reach. */
import type { WireKind } from "../support/laboratory.ts";
import { type Entrant, quiet, type Shape, withContestant } from "./contestant.ts";
import { cpuPercent, memoryOf } from "./costs.ts";
import type { Effort, Experiment, Measured, Peer, Row } from "./experiment.ts";
import { FailoverRig, flowLines, isStalled, type Pull, pullSeries } from "./failover.ts";
import { A_THOUSAND, fourFlows, ONE_OF_EACH, SOON_BACK, sampleOfThousand } from "./household.ts";
import { IPMPD } from "./ipmpd.ts";
import { KEEPALIVED } from "./keepalived.ts";
import { machineSpeed } from "./machine-load.ts";
import { PROBER_EXPERIMENTS } from "./prober-rows.ts";
import { type Start, startOf } from "./start.ts";

const WIRES: readonly WireKind[] = ["veth", "tap"];
const INTERVAL_US = 100;
const NS_PER_MS = 1e6;

/** For each direction and family. */
const OUTAGE_TARGET_MS = 1.0;

const FLOWS = fourFlows();
const FLOW_NAMES = FLOWS.map(({ name }) => name);
const FLOW_TITLES: Readonly<Record<string, string>> = {
  in4: "inbound IPv4",
  out4: "outbound IPv4",
  in6: "inbound IPv6",
  out6: "outbound IPv6",
};

/** Our two forms; keepalived has a card pair in both. */
const FORMS = [
  { id: "pair", nics: 2, title: "active + standby" },
  { id: "three", nics: 3, title: "2 active + standby" },
] as const;

async function carrierLoss(entrant: Entrant, shape: Shape, { runs }: Effort): Promise<Measured> {
  const pulls = await withContestant(entrant, shape, SOON_BACK, async (laboratory, contestant) => {
    const rig = await FailoverRig.start(laboratory, contestant, FLOWS, INTERVAL_US);
    return await pullSeries(rig, FLOW_NAMES, runs);
  });
  return flowLines(pulls, FLOW_NAMES);
}

/** The very first pull in the life of a fresh program, again and again. */
async function firstFailover(entrant: Entrant, shape: Shape, { freshRuns }: Effort): Promise<Measured> {
  const pulls: Pull[] = [];
  for (let run = 0; run < freshRuns; run++) {
    const pull = await withContestant(entrant, shape, SOON_BACK, async (laboratory, contestant) => {
      const rig = await FailoverRig.start(laboratory, contestant, FLOWS, INTERVAL_US);
      return await rig.pull("in4");
    });
    pulls.push(pull);
  }
  return flowLines(pulls, FLOW_NAMES);
}

/** Twenty-one addresses, one packet in turn: each of them every half millisecond. */
const SAMPLE_INTERVAL_US = 25;

async function thousandAddresses(entrant: Entrant, shape: Shape, { runs }: Effort): Promise<Measured> {
  const pulls = await withContestant(entrant, shape, A_THOUSAND, async (laboratory, contestant) => {
    const flow = sampleOfThousand();
    const rig = await FailoverRig.start(laboratory, contestant, [flow], SAMPLE_INTERVAL_US);
    return await pullSeries(rig, [flow.name], runs);
  });
  // Nothing to repair is repaired at once.
  const since = (pull: Pull, momentNs: number | undefined) =>
    Math.max(0, ((momentNs ?? 0) - pull.pulledNs) / NS_PER_MS);
  const repaired = (which: "firstRepairedNs" | "lastRepairedNs") =>
    pulls.flatMap((pull) => pull.hit.map(({ destinations }) => since(pull, destinations?.[which])));
  return {
    series: { first: repaired("firstRepairedNs"), last: repaired("lastRepairedNs") },
    pulls: pulls.length,
    stalls: pulls.filter(isStalled).length,
    bystandersLost: 0,
  };
}

async function starts(entrant: Entrant, shape: Shape, { freshRuns }: Effort): Promise<Measured> {
  const found: Start[] = [];
  for (let run = 0; run < freshRuns; run++) found.push(await startOf(entrant, shape, ONE_OF_EACH));
  const placed = found.map(({ placedMs }) => placedMs);
  const announced = found.map(({ announcedMs }) => announcedMs);
  const untold = found.map(({ untoldMs }) => untoldMs);
  return { series: { placed, announced, untold } };
}

async function idleCosts(entrant: Entrant, shape: Shape, { idleMs }: Effort): Promise<Measured> {
  return withContestant(entrant, shape, ONE_OF_EACH, async (_, { child }) => {
    const pid = child.pid ?? 0;
    await quiet();
    const cpu = await cpuPercent(pid, idleMs);
    const { rssMiB, pssMiB } = memoryOf(pid);
    return { series: { cpu: [cpu], pss: [pssMiB], rss: [rssMiB] } };
  });
}

function flowRows(prefix: string): Row[] {
  return FLOW_NAMES.map((series) => ({
    series,
    title: `${prefix}, ${FLOW_TITLES[series]}`,
    unit: "ms",
    target: OUTAGE_TARGET_MS,
  }));
}

function keepalived(measure: Peer["measure"], shared?: string): Peer[] {
  return [{ name: "keepalived", measure, ...(shared === undefined ? {} : { shared }) }];
}

const COST_SHAPE: Shape = { nics: 4, wire: "veth" };

export const EXPERIMENTS: readonly Experiment[] = [
  ...WIRES.flatMap((wire): Experiment[] => [
    ...FORMS.map(
      ({ id, nics, title }): Experiment => ({
        id: `carrier/${wire}/${id}`,
        us: (effort) => carrierLoss(IPMPD, { nics, wire }, effort),
        // The same for both forms of ours: measured once per wire.
        peers: keepalived((effort) => carrierLoss(KEEPALIVED, { nics: 2, wire }, effort), `carrier/${wire}`),
        rows: flowRows(`carrier loss, ${wire}, ${title}`),
      }),
    ),
    {
      id: `cold/${wire}`,
      us: (effort) => firstFailover(IPMPD, { nics: 2, wire }, effort),
      peers: keepalived((effort) => firstFailover(KEEPALIVED, { nics: 2, wire }, effort)),
      rows: flowRows(`first failover of a fresh daemon, ${wire}`),
    },
  ]),
  {
    // Not on tap: there a program of the laboratory carries the frames, and two thousand of them would measure that.
    id: "thousand",
    us: (effort) => thousandAddresses(IPMPD, { nics: 2, wire: "veth" }, effort),
    peers: keepalived((effort) => thousandAddresses(KEEPALIVED, { nics: 2, wire: "veth" }, effort)),
    rows: [
      { series: "first", title: "1,000 addresses, veth, first one back", unit: "ms", target: 1.5 },
      { series: "last", title: "1,000 addresses, veth, last one back", unit: "ms", target: 25 },
    ],
  },
  {
    id: "start",
    us: (effort) => starts(IPMPD, COST_SHAPE, effort),
    peers: keepalived((effort) => starts(KEEPALIVED, COST_SHAPE, effort)),
    rows: [
      { series: "placed", title: "start to addresses in place", unit: "ms", target: 400 },
      { series: "announced", title: "start: exec to announcement", unit: "ms", target: 400 },
      { series: "untold", title: "start: first address placed to announcement", unit: "ms", target: 5 },
    ],
  },
  {
    id: "idle",
    us: (effort) => idleCosts(IPMPD, COST_SHAPE, effort),
    peers: keepalived((effort) => idleCosts(KEEPALIVED, COST_SHAPE, effort)),
    rows: [
      { series: "cpu", title: "idle processor time, four NICs", unit: "%", target: 3 },
      { series: "pss", title: "memory in proportion (PSS)", unit: "MiB", target: 90 },
      { series: "rss", title: "memory resident (RSS)", unit: "MiB", target: 90 },
    ],
  },
  {
    id: "step",
    us: async ({ millions }) => machineSpeed(millions),
    peers: [],
    rows: [
      {
        series: "rate",
        title: "machine of 64 x 4 members, facts a second",
        unit: "1/s",
        target: 200_000,
        atLeast: true,
      },
      // None is wanted; so much comes and goes with what the collector makes of it.
      { series: "growth", title: "its memory, last million of facts against first", unit: "MiB", target: 1 },
    ],
  },
  ...PROBER_EXPERIMENTS,
];
