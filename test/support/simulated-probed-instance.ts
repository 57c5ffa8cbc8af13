/**
 * When one family of one NIC is probed, and whom, in simulated time: a strictly periodic grid, each probe displaced from it,
 * each target asked once a round, and what is still unanswered.
 */
import type { PlannedTarget, ProbePlan } from "../../src/core/actions.ts";

/** A counted probe that left and has neither been answered nor given up. */
export interface UnansweredProbe {
  readonly sequence: number;
  readonly target: string;
  readonly sentAt: number;
  readonly timeoutMs: number;
}

/** After a long sleep only as many steps are accounted for as any history holds. */
const MISSED_STEPS_TOLD = 52;

/** No target waits for more probes than these. */
const LONGEST_WAIT = 5;

export class SimulatedProbedInstance {
  plan: ProbePlan;
  /** When the next probe leaves. */
  nextAtMs: number;
  unanswered: readonly UnansweredProbe[] = [];
  private gridAtMs: number;
  private countedAtMs: number;
  private lastCountedMs = Number.NEGATIVE_INFINITY;
  /** Places of targets in the order of this round, and how many of them have been asked. */
  private round: readonly number[] = [];
  private asked = 0;
  private lastMeasured = "";
  /** The displacement within a step, 0.5..1 of it, or 0 for none at all: then the order of the targets stays as well. */
  private readonly displacement: () => number;

  /** The first probe leaves within one detection interval. */
  constructor(plan: ProbePlan, nowMs: number, displacement: () => number) {
    this.plan = plan;
    this.displacement = displacement;
    const share = displacement();
    this.gridAtMs = nowMs + (share === 0 ? plan.intervalMs : Math.round((share * 2 - 1) * plan.detectionIntervalMs));
    this.nextAtMs = this.gridAtMs;
    this.countedAtMs = this.gridAtMs;
  }

  /** Goes on by a plan of the same source: the grid stays, unless its next step were later than one new step from now. */
  adopt(plan: ProbePlan, nowMs: number): void {
    this.plan = plan;
    this.gridAtMs = Math.min(this.gridAtMs, nowMs + plan.intervalMs);
    this.nextAtMs = Math.min(this.nextAtMs, this.gridAtMs + plan.intervalMs);
    this.countedAtMs = Math.min(this.countedAtMs, this.lastCountedMs + plan.detectionIntervalMs);
  }

  /**
   * The grid moves past `nowMs`. Gives one entry per step that was due, oldest first: all but the last were missed for our own
   * lateness. `counted`: it was the turn of a probe that counts for failure.
   */
  takeSteps(nowMs: number): readonly { readonly dueAtMs: number; readonly counted: boolean }[] {
    const late = Math.max(0, Math.floor((nowMs - this.nextAtMs) / this.plan.intervalMs));
    const told = Math.min(late, MISSED_STEPS_TOLD);
    this.gridAtMs += (late - told) * this.plan.intervalMs;
    const steps = Array.from({ length: told + 1 }, () => this.takeStep());
    this.nextAtMs = this.gridAtMs + Math.round(this.displacement() * this.plan.intervalMs);
    return steps;
  }

  private takeStep(): { readonly dueAtMs: number; readonly counted: boolean } {
    const dueAtMs = this.gridAtMs;
    const { intervalMs, detectionIntervalMs } = this.plan;
    const counted = detectionIntervalMs <= intervalMs || dueAtMs >= this.countedAtMs;
    this.gridAtMs += intervalMs;
    if (counted) {
      this.lastCountedMs = dueAtMs;
      this.countedAtMs = Math.max(this.countedAtMs + detectionIntervalMs, dueAtMs);
    }
    return { dueAtMs, counted };
  }

  /** Whom the next counted probe asks; undefined where there is nobody. What measures starts over behind it. */
  nextTarget(): PlannedTarget | undefined {
    const { length } = this.plan.targets;
    if (length !== this.round.length) this.drawRound([...Array(length).keys()], length);
    else if (this.asked === length) this.drawRound(this.round, Math.max(0, LONGEST_WAIT - length));
    const target = this.plan.targets[this.round[this.asked++] ?? 0];
    this.lastMeasured = target?.address ?? this.lastMeasured;
    return target;
  }

  /** A new order at random, in which each place may come so many turns later than in the last one. */
  private drawRound(last: readonly number[], slack: number): void {
    const left = [...last];
    this.asked = 0;
    this.round = last.map((_, turn) => {
      const hurries = last.indexOf(left[0] ?? 0) + slack <= turn;
      const share = hurries ? 0 : Math.max(0, this.displacement() * 2 - 1);
      return left.splice(Math.floor(share * left.length), 1)[0] ?? 0;
    });
  }

  nextMeasured(): PlannedTarget | undefined {
    const target = this.after(this.lastMeasured);
    this.lastMeasured = target?.address ?? this.lastMeasured;
    return target;
  }

  /**
   * The next counted probe is due: the latest is given its whole time, all before it have had enough. Gives those that are
   * lost now, oldest first.
   */
  takeLost(nowMs: number): readonly UnansweredProbe[] {
    const latest = this.unanswered.at(-1);
    const waiting = latest !== undefined && latest.sentAt + latest.timeoutMs > nowMs ? [latest] : [];
    const lost = this.unanswered.filter((probe) => !waiting.includes(probe));
    this.unanswered = waiting;
    return lost;
  }

  private after(address: string): PlannedTarget | undefined {
    const { targets } = this.plan;
    return targets[(targets.findIndex((target) => target.address === address) + 1) % Math.max(1, targets.length)];
  }
}
