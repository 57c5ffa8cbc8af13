/** Traffic through an event: what was lost meanwhile, and that all of it flows afterwards. */
import assert from "node:assert/strict";
import { FlowMeter, type FlowReport, tcpReports, udpReports } from "./flow.ts";
import type { Laboratory } from "./laboratory.ts";
import { standardFlows } from "./standard-group.ts";
import { waitFor } from "./wait-for.ts";

const INTERVAL_US = 1000;
/** Enough that a flow over either of two members would show. */
const WINDOW_PACKETS = 50;
/** No figure of ours: the machine itself pauses. A second without service would mean that nothing was repaired at once. */
export const GENEROUS_LOSS_MS = 600;

export class Traffic {
  readonly #meter: FlowMeter;

  private constructor(meter: FlowMeter) {
    this.#meter = meter;
  }

  /** Starts these flows, by default all of the standard group; each has got through when this returns. */
  static async start(laboratory: Laboratory, plans = standardFlows()): Promise<Traffic> {
    return new Traffic(await FlowMeter.start(laboratory, plans, INTERVAL_US));
  }

  /** Runs `event`, which ends when it has been dealt with, and returns what became of the traffic meanwhile. */
  async during(event: () => Promise<unknown>): Promise<FlowReport> {
    await this.#meter.mark();
    await event();
    return this.#meter.report();
  }

  /** The same, and then waits until all of the traffic flows. */
  async through(event: () => Promise<unknown>): Promise<FlowReport> {
    const window = await this.during(event);
    await this.untilClean();
    return window;
  }

  /** Waits for a window in which nothing is lost and every flow (or just those named) makes progress. */
  async untilClean(names?: readonly string[]): Promise<void> {
    await waitFor(
      `a window without loss of ${names?.join(" and ") ?? "any flow"}`,
      async () => {
        await this.#meter.mark();
        const { flows } = await waitFor("traffic", () => this.#meter.report(), hasEnough);
        return flows.filter(({ name }) => names?.includes(name) ?? true);
      },
      (flows) => flows.every(({ kind, sent, received }) => (kind === "udp" ? sent === received : received > 0)),
    );
  }

  async stop(): Promise<FlowReport> {
    return this.#meter.stop();
  }
}

function hasEnough(window: FlowReport): boolean {
  return udpReports(window).every(({ sent }) => sent >= WINDOW_PACKETS);
}

/** Connections live, and no UDP flow went without service for longer than `mostMs` in total. */
export function assertServed(window: FlowReport, mostMs = GENEROUS_LOSS_MS): void {
  for (const { name, broken, wrong } of tcpReports(window)) {
    assert.deepEqual({ name, broken, wrong }, { name, broken: "", wrong: 0 });
  }
  for (const { name, lost, intervalUs } of udpReports(window)) {
    const outageMs = (lost * intervalUs) / 1000;
    assert.ok(outageMs <= mostMs, `${name} lost ${lost} packets, that is ${outageMs} ms of traffic`);
  }
}

/** The names of the flows that lost anything. */
export function losers(window: FlowReport): string[] {
  return udpReports(window)
    .filter(({ lost }) => lost > 0)
    .map(({ name }) => name);
}
