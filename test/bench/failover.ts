/** Pulls cables from under running traffic, and counts what that costs. */
import { IpmpError } from "../../src/core/errors.ts";
import { FlowMeter, type FlowPlan, type FlowReport, outageUs, type UdpReport, udpReports } from "../support/flow.ts";
import type { Laboratory } from "../support/laboratory.ts";
import { type Contestant, quiet } from "./contestant.ts";
import { cardOf } from "./household.ts";

const NS_PER_MS = 1e6;
/** Traffic counts as repaired when nothing was lost for so long. */
const CLEAN_MS = 50;
/** And not before this long after the pull: a kernel that holds the news back has not been heard yet. */
const WINDOW_MS = 150;
const REPAIR_DEADLINE_MS = 15_000;
/** The meter sends every 100 us, and never misses its time by this much unless the machine stood still. */
const STALL_US = 3_000;

/** One pull of one cable. */
export interface Pull {
  readonly card: string;
  readonly pulledNs: number;
  /** Flows that the card carried: what the pull is about. */
  readonly hit: readonly UdpReport[];
  /** Packets lost by flows that it did not carry: nobody should lose any. */
  readonly bystandersLost: number;
  /** The longest pause of the meter itself: whatever shows here is the machine's, not the contestant's. */
  readonly stallUs: number;
}

export function isStalled(pull: Pull): boolean {
  return pull.stallUs > STALL_US;
}

/** Time without service of one flow in one pull, in ms. */
export function outageMs(report: UdpReport): number {
  return outageUs(report) / 1000;
}

export class FailoverRig {
  readonly #laboratory: Laboratory;
  readonly #contestant: Contestant;
  readonly #meter: FlowMeter;
  readonly #flows: readonly FlowPlan[];

  private constructor(laboratory: Laboratory, contestant: Contestant, meter: FlowMeter, flows: readonly FlowPlan[]) {
    this.#laboratory = laboratory;
    this.#contestant = contestant;
    this.#meter = meter;
    this.#flows = flows;
  }

  /** Starts traffic, and returns when all of it gets through. */
  static async start(
    laboratory: Laboratory,
    contestant: Contestant,
    flows: readonly FlowPlan[],
    intervalUs: number,
  ): Promise<FailoverRig> {
    const meter = await FlowMeter.start(laboratory, flows, intervalUs);
    const rig = new FailoverRig(laboratory, contestant, meter, flows);
    await rig.#untilClean();
    return rig;
  }

  /** Pulls the card that carries the named flow, waits for the repair, puts it back, and waits until all is as before. */
  async pull(flowName: string): Promise<Pull> {
    await quiet();
    // The window lasts a second, looking takes some milliseconds: in this order the view is fresh at the pull.
    if (this.#laboratory.options.wire === "tap") await this.#laboratory.openLinkEventWindow();
    const cards = await this.#cards();
    const card = cards.get(flowName);
    if (card === undefined) throw new IpmpError("NO_CARRIER_CARD", `no card was found that carries ${flowName}`);
    await this.#meter.mark();
    const pulledNs = await this.#laboratory.pull(card);
    const flows = udpReports(await this.#untilRepaired(pulledNs));
    await this.#laboratory.plug(card);
    await this.#contestant.settled();
    await this.#untilClean();
    const carried = ({ name }: UdpReport) => cards.get(name) === card;
    return {
      card,
      pulledNs,
      hit: flows.filter(carried),
      bystandersLost: flows.filter((flow) => !carried(flow)).reduce((sum, { lost }) => sum + lost, 0),
      stallUs: Math.max(...flows.map(({ longestSendGapUs }) => longestSendGapUs)),
    };
  }

  async #cards(): Promise<Map<string, string>> {
    const cards = await Promise.all(this.#flows.map((flow) => cardOf(this.#laboratory, flow)));
    return new Map(this.#flows.map(({ name }, index) => [name, cards[index] ?? ""]));
  }

  async #untilRepaired(pulledNs: number): Promise<FlowReport> {
    for (;;) {
      const report = await this.#meter.report();
      const sinceMs = (report.reportNs - pulledNs) / NS_PER_MS;
      if (sinceMs > WINDOW_MS && udpReports(report).every((flow) => isClean(flow, report.reportNs))) return report;
      if (sinceMs > REPAIR_DEADLINE_MS) throw new IpmpError("NOT_REPAIRED", notRepaired(report));
    }
  }

  /** A window in which nothing is lost: what follows starts from peace. */
  async #untilClean(): Promise<void> {
    const startNs = await this.#meter.mark();
    await this.#untilRepaired(startNs - WINDOW_MS * NS_PER_MS);
  }
}

function isClean({ sent, lostRuns }: UdpReport, reportNs: number): boolean {
  const lastLostNs = lostRuns.at(-1)?.toNs ?? 0;
  return sent > 0 && reportNs - lastLostNs > CLEAN_MS * NS_PER_MS;
}

function notRepaired(report: FlowReport): string {
  const flows = udpReports(report).map(({ name, lost, sent, errors }) => {
    return `${name} lost ${lost} of ${sent} ${JSON.stringify(errors)}`;
  });
  return `traffic was not repaired within ${REPAIR_DEADLINE_MS} ms: ${flows.join(", ")}`;
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
