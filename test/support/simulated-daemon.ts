/**
 * The daemon's loop over a simulated kernel, in simulated time: feeds a machine, carries its actions out, brings the
 * answers back. It can be killed between any two requests; the next one has the configuration and what was kept last.
 */
import type { Action, RequestRefusal, StepResult } from "../../src/core/actions.ts";
import type { Configuration } from "../../src/core/configuration.ts";
import type { AdministratorRequest, MachineEvent } from "../../src/core/events.ts";
import type { KernelOutcome, KernelRequest } from "../../src/core/kernel-state/kernel-objects.ts";
import { Machine } from "../../src/core/machine.ts";
import type { Memory } from "../../src/core/memory.ts";
import { announceable } from "../../src/core/placement/announcing.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { NOTHING_CONFIGURED } from "./simulated-configuration.ts";
import type { SimulatedKernel } from "./simulated-kernel.ts";
import { SimulatedProber } from "./simulated-prober.ts";
import { SimulatedSegment } from "./simulated-segment.ts";

/** What the simulation drives: the machine, or one with a bug planted into it. */
export interface MachineLike {
  step(event: MachineEvent, now: number): StepResult;
  snapshot(timeOf: (monotonicMs: number) => string): Snapshot;
}

/** What became of a request. */
export type RequestAnswer = "done" | RequestRefusal;

/** Told of everything that passes the machine's door; for transcripts and traces. */
export interface Observer {
  event?(event: MachineEvent): void;
  action?(action: Action, outcomes: readonly KernelOutcome[]): void;
  killed?(): void;
}

/** More answers than this without time passing means that the machine chases its own tail. */
const STEP_LIMIT = 2_000;

/** Chance that decides nothing: the middle of every interval. */
const HALFWAY = () => 0.5;

export interface DaemonOptions {
  readonly makeMachine?: (() => MachineLike) | undefined;
  /** Numbers in [0, 1) for the jitter of probes, and for what is lost on the segment. */
  readonly uniform?: () => number;
}

export class SimulatedDaemon {
  machine: MachineLike;
  wakeAtMs: number | undefined;
  /** Requests asked for since the start, successful or not; `create-link` aside, which is asked for while refused. */
  requestCount = 0;
  readonly segment: SimulatedSegment;
  readonly prober: SimulatedProber;
  /** What the machine asked to keep last: survives the daemon. */
  memory: Memory | undefined;
  /** The loop gets round to no probe results while this is set. */
  holdsResults = false;
  /** The kernel is slow to answer requests while this is set; a dump brings all before it along. */
  holdsAnswers = false;
  private configuration = NOTHING_CONFIGURED;
  private readonly requestAnswers = new Map<number, RequestAnswer>();
  private lastRequest = 0;
  private readonly kernel: SimulatedKernel;
  private readonly observer: Observer;
  private readonly makeMachine: () => MachineLike;
  private answers: MachineEvent[] = [];
  /** Requests (and other actions) until the daemon dies. */
  private fuse = Number.POSITIVE_INFINITY;
  private killedNow = false;
  /** As it was taken since the last fact. */
  private picture: Snapshot | undefined;

  constructor(kernel: SimulatedKernel, observer: Observer = {}, options: DaemonOptions = {}) {
    const { makeMachine = () => new Machine(), uniform = HALFWAY } = options;
    this.kernel = kernel;
    this.observer = observer;
    this.makeMachine = makeMachine;
    this.machine = makeMachine();
    this.segment = new SimulatedSegment(uniform);
    this.prober = new SimulatedProber(kernel, this.segment, uniform);
  }

  /** The picture that tools show; times as seconds since the start of the simulation. It changes by facts alone. */
  snapshot(): Snapshot {
    this.picture ??= this.machine.snapshot((monotonicMs) => `${monotonicMs / 1000} s`);
    return this.picture;
  }

  configure(configuration: Configuration): void {
    this.configuration = configuration;
    this.step({ type: "configure", configuration });
  }

  /** Dies now and comes back, knowing nothing but its configuration and what it kept. */
  restart(): void {
    this.machine = this.makeMachine();
    this.picture = undefined;
    this.wakeAtMs = undefined;
    this.answers = [];
    this.fuse = Number.POSITIVE_INFINITY;
    this.kernel.resetListener();
    this.prober.reset();
    this.observer.killed?.();
    if (this.memory !== undefined) this.step({ type: "remember", memory: this.memory });
    this.configure(this.configuration);
  }

  /** An administrator's wish; gives the id under which it is answered. */
  request(request: AdministratorRequest): number {
    const id = ++this.lastRequest;
    this.step({ type: "request", id, request });
    return id;
  }

  /** Undefined until it is answered; a daemon that dies first never does. */
  answerTo(id: number): RequestAnswer | undefined {
    return this.requestAnswers.get(id);
  }

  /** Dies after so many more requests and other actions have been carried out, and comes back. */
  restartAfter(actions: number): void {
    this.fuse = actions;
  }

  /** Hands the machine one fact and carries out what it wants. */
  step(event: MachineEvent): void {
    this.observer.event?.(event);
    this.picture = undefined;
    const result = this.machine.step(event, this.kernel.nowMs);
    this.wakeAtMs = result.wakeAt;
    this.killedNow = false;
    for (const action of result.actions) {
      this.carryOut(action);
      if (this.killedNow) return;
    }
    this.deliverDumps();
  }

  /**
   * A dump enters before anything that happened after it was read, or it would put the clock back. (The real loop is
   * stricter: it brings every answer back before it listens again.)
   */
  private deliverDumps(): void {
    while (this.answers.some((answer) => answer.type === "dump")) this.deliverOldestAnswer();
  }

  /** Gives back the oldest answer; false when none waits. */
  deliverAnswer(): boolean {
    return !this.holdsAnswers && this.deliverOldestAnswer();
  }

  private deliverOldestAnswer(): boolean {
    const answer = this.answers.shift();
    if (answer !== undefined) this.step(answer);
    return answer !== undefined;
  }

  /** Gives the oldest notices, as one batch; false when none waits. */
  deliverNotices(count = Number.POSITIVE_INFINITY): boolean {
    const notices = this.kernel.takeNotices(count);
    if (notices.length > 0) this.step({ type: "notices", notices });
    return notices.length > 0;
  }

  /** Gives the oldest probe results, as one batch; false when none waits. */
  deliverResults(count = Number.POSITIVE_INFINITY): boolean {
    const results = this.holdsResults ? [] : this.prober.takeResults(count);
    if (results.length > 0) this.step({ type: "probe-results", results });
    return results.length > 0;
  }

  /** Answers first, then notices, then what probes found, until nothing waits. */
  settle(): void {
    for (let steps = 0; this.deliverAnswer() || this.deliverNotices() || this.deliverResults(); steps++)
      if (steps > STEP_LIMIT) throw new Error(`the machine does not come to rest at ${this.kernel.nowMs} ms`);
  }

  /** Lets time pass, with everything that falls due on the way. */
  advance(milliseconds: number): void {
    const end = this.kernel.nowMs + milliseconds;
    this.settle();
    for (let stepsWithoutTime = 0; ; stepsWithoutTime++) {
      const next = Math.max(this.nextDeadlineMs(), this.kernel.nowMs);
      if (next > end) break;
      if (next > this.kernel.nowMs) stepsWithoutTime = 0;
      if (stepsWithoutTime > STEP_LIMIT)
        throw new Error(`the machine does not come to rest at ${this.kernel.nowMs} ms`);
      this.kernel.advance(next);
      this.prober.advance();
      if (this.wakeAtMs !== undefined && this.wakeAtMs <= next) this.step({ type: "timer" });
      this.settle();
    }
    this.kernel.advance(end);
  }

  private nextDeadlineMs(): number {
    const moments = [this.wakeAtMs, this.kernel.nextEventAtMs, this.prober.nextAtMs];
    return Math.min(...moments.filter((moment) => moment !== undefined));
  }

  private carryOut(action: Action): void {
    if (action.type === "apply") this.apply(action);
    else if (this.burn(1) === 1) this.carryOutOther(action);
    if (this.fuse <= 0) {
      this.restart();
      this.killedNow = true;
    }
  }

  private apply(action: Extract<Action, { type: "apply" }>): void {
    const requests: readonly KernelRequest[] = action.requests.slice(0, this.burn(action.requests.length));
    this.requestCount += requests.filter((request) => request.op !== "create-link").length;
    const outcomes = this.kernel.apply(requests);
    this.observer.action?.(action, outcomes);
    this.answers.push({ type: "outcomes", id: action.id, outcomes });
    const announcements = announceable(action, outcomes);
    if (announcements.length === 0 || this.burn(1) === 0) return;
    this.carryOutOther({ type: "announce", cause: action.cause, announcements });
  }

  private carryOutOther(action: Exclude<Action, { type: "apply" }>): void {
    this.observer.action?.(action, []);
    if (action.type === "dump") this.answers.push({ type: "dump", picture: this.kernel.dump(action.settingsOf) });
    if (action.type === "announce") this.kernel.announce(action.announcements);
    if (action.type === "arm") this.kernel.arm(action.plans);
    if (action.type === "fire") {
      this.kernel.fire(action.index);
      this.answers.push({ type: "fired", index: action.index });
    }
    if (action.type === "watch") this.kernel.watch(action.indexes);
    if (action.type === "probe") this.prober.setPlan(action.plan);
    if (action.type === "keep") this.memory = structuredClone(action.memory);
    if (action.type === "answer") this.requestAnswers.set(action.id, action.refusal ?? "done");
  }

  /** How many of `wanted` can still be done before the daemon dies. */
  private burn(wanted: number): number {
    const possible = Math.min(wanted, this.fuse);
    this.fuse -= wanted;
    return possible;
  }
}
