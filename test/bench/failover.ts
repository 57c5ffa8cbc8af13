/** Takes cards away from under running traffic, and counts what that costs. */
import { IpmpError } from "../../src/core/errors.ts";
import { FlowMeter, type FlowPlan, type FlowReport, outageUs, type UdpReport, udpReports } from "../support/flow.ts";
import type { Laboratory } from "../support/laboratory.ts";
import { type Contestant, quiet } from "./contestant.ts";
import type { Measured } from "./experiment.ts";
import { cardOf } from "./household.ts";

const NS_PER_MS = 1e6;
/** Traffic counts as repaired when nothing was lost for so long. */
const CLEAN_MS = 50;
/** And not before this long after the pull: a kernel that holds the news back has not been heard yet. */
const WINDOW_MS = 150;
/** Longer than anybody needs to be as before once a card is back. */
const PEACE_DEADLINE_MS = 15_000;
/** The meter sends every 100 us, and never misses its time by this much unless the machine stood still. */
const STALL_US = 3_000;

interface Patience {
  readonly patienceMs: number;
  /** A flow that is not repaired by then counts as one that never is. Otherwise it is an error. */
  readonly isNeverCounted: boolean;
}

/** How a card is lost. */
export interface Harm extends Patience {
  /** Returns when, in monotonic ns. */
  readonly begin: (laboratory: Laboratory, card: string) => Promise<number>;
  readonly end: (laboratory: Laboratory, card: string) => Promise<unknown>;
}

export const PULLED_CABLE: Harm = {
  begin: (laboratory, card) => laboratory.pull(card),
  end: (laboratory, card) => laboratory.plug(card),
  patienceMs: 15_000,
  isNeverCounted: false,
};

/** Frames vanish, the carrier stays. Nothing but probes can know, so there are contestants who never do. */
export const BLACK_HOLE: Harm = {
  begin: (laboratory, card) => laboratory.blackhole(card),
  end: (laboratory, card) => laboratory.heal(card),
  patienceMs: 2_000,
  isNeverCounted: true,
};

/** One loss of one card. */
export interface Pull {
  readonly card: string;
  readonly pulledNs: number;
  /** Flows that the card carried: what the pull is about. */
  readonly hit: readonly UdpReport[];
  /** Names of those among them that were not repaired in time. */
  readonly unrepaired: readonly string[];
  /** Packets lost by flows that it did not carry: nobody should lose any. */
  readonly bystandersLost: number;
  /** The longest pause of the meter itself: whatever shows here is the machine's, not the contestant's. */
  readonly stallUs: number;
}

export function isStalled(pull: Pull): boolean {
  return pull.stallUs > STALL_US;
}

/** Times without service in one pull of the named flow, in ms: one, or none if the card did not carry it. */
export function outagesMs({ hit, unrepaired }: Pull, name: string): number[] {
  const flows = hit.filter((flow) => flow.name === name);
  return flows.map((flow) => (unrepaired.includes(name) ? Number.POSITIVE_INFINITY : outageUs(flow) / 1000));
}

export class FailoverRig {
  readonly #laboratory: Laboratory;
  readonly #contestant: Contestant;
  readonly #meter: FlowMeter;
  readonly #flows: readonly FlowPlan[];
  readonly #harm: Harm;

  private constructor(
    laboratory: Laboratory,
    contestant: Contestant,
    meter: FlowMeter,
    flows: readonly FlowPlan[],
    harm: Harm,
  ) {
    this.#laboratory = laboratory;
    this.#contestant = contestant;
    this.#meter = meter;
    this.#flows = flows;
    this.#harm = harm;
  }

  /** Starts traffic, and returns when all of it gets through. */
  static async start(
    laboratory: Laboratory,
    contestant: Contestant,
    flows: readonly FlowPlan[],
    intervalUs: number,
    harm = PULLED_CABLE,
  ): Promise<FailoverRig> {
    const meter = await FlowMeter.start(laboratory, flows, intervalUs);
    const rig = new FailoverRig(laboratory, contestant, meter, flows, harm);
    await rig.#untilClean();
    return rig;
  }

  /** Takes away the card that carries the named flow, waits for the repair, puts it back, and waits until all is as before. */
  async pull(flowName: string): Promise<Pull> {
    await quiet();
    // The window lasts a second, looking takes some milliseconds: in this order the view is fresh at the pull.
    if (this.#laboratory.options.wire === "tap") await this.#laboratory.openLinkEventWindow();
    const cards = await this.#cards();
    const card = cards.get(flowName);
    if (card === undefined) throw new IpmpError("NO_CARRIER_CARD", `no card was found that carries ${flowName}`);
    await this.#meter.mark();
    const pulledNs = await this.#harm.begin(this.#laboratory, card);
    const report = await this.#untilRepaired(pulledNs, this.#harm);
    const flows = udpReports(report);
    await this.#harm.end(this.#laboratory, card);
    await this.#contestant.settled();
    await this.#untilClean();
    const carried = ({ name }: UdpReport) => cards.get(name) === card;
    return {
      card,
      pulledNs,
      hit: flows.filter(carried),
      unrepaired: flows.filter((flow) => !isClean(flow, report.reportNs)).map(({ name }) => name),
      bystandersLost: flows.filter((flow) => !carried(flow)).reduce((sum, { lost }) => sum + lost, 0),
      stallUs: Math.max(...flows.map(({ longestSendGapUs }) => longestSendGapUs)),
    };
  }

  async #cards(): Promise<Map<string, string>> {
    const cards = await Promise.all(this.#flows.map((flow) => cardOf(this.#laboratory, flow)));
    return new Map(this.#flows.map(({ name }, index) => [name, cards[index] ?? ""]));
  }

  async #untilRepaired(pulledNs: number, { patienceMs, isNeverCounted }: Patience): Promise<FlowReport> {
    for (;;) {
      const report = await this.#meter.report();
      const sinceMs = (report.reportNs - pulledNs) / NS_PER_MS;
      if (sinceMs > WINDOW_MS && udpReports(report).every((flow) => isClean(flow, report.reportNs))) return report;
      if (sinceMs < patienceMs) continue;
      if (isNeverCounted) return report;
      throw new IpmpError("NOT_REPAIRED", notRepaired(report, sinceMs));
    }
  }

  /** A window in which nothing is lost: what follows starts from peace. */
  async #untilClean(): Promise<void> {
    const startNs = await this.#meter.mark();
    const patience = { patienceMs: PEACE_DEADLINE_MS, isNeverCounted: false };
    await this.#untilRepaired(startNs - WINDOW_MS * NS_PER_MS, patience);
  }
}

function isClean({ sent, lostRuns }: UdpReport, reportNs: number): boolean {
  const lastLostNs = lostRuns.at(-1)?.toNs ?? 0;
  return sent > 0 && reportNs - lastLostNs > CLEAN_MS * NS_PER_MS;
}

function notRepaired(report: FlowReport, sinceMs: number): string {
  const flows = udpReports(report).map(({ name, lost, sent, errors }) => {
    return `${name} lost ${lost} of ${sent} ${JSON.stringify(errors)}`;
  });
  return `traffic was not repaired within ${sinceMs.toFixed(0)} ms: ${flows.join(", ")}`;
}

/** Pulls until every flow has been hit `runs` times, the rarest first. */
export async function pullSeries(rig: FailoverRig, flowNames: readonly string[], runs: number): Promise<Pull[]> {
  const hits = new Map(flowNames.map((name) => [name, 0]));
  const pulls: Pull[] = [];
  for (;;) {
    const [rarest] = [...hits].sort(([, one], [, other]) => one - other);
    if (rarest === undefined || rarest[1] >= runs) return pulls;
    const pull = await rig.pull(rarest[0]);
    pulls.push(pull);
    for (const { name } of pull.hit) hits.set(name, (hits.get(name) ?? 0) + 1);
  }
}

/** The series of each flow, by its name. */
export function flowLines(pulls: readonly Pull[], flowNames: readonly string[]): Measured {
  const series = flowNames.map((name) => {
    return [name, pulls.flatMap((pull) => outagesMs(pull, name))] as const;
  });
  return {
    series: Object.fromEntries(series),
    pulls: pulls.length,
    stalls: pulls.filter(isStalled).length,
    bystandersLost: pulls.reduce((sum, pull) => sum + pull.bystandersLost, 0),
  };
}
