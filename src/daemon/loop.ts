/**
 * Where all meets: facts queue up here, go into the machine one at a time, and its deeds are carried out before the next
 * enters. The only file of the daemon with a timer.
 */
import type { ProbeEvent } from "../control/probes.ts";
import type { ProbePlan, RequestRefusal } from "../core/actions.ts";
import type { Configuration } from "../core/configuration.ts";
import type { AdministratorRequest, MachineEvent } from "../core/events.ts";
import { Machine } from "../core/machine.ts";
import type { Memory } from "../core/memory.ts";
import type { ProbeResult } from "../core/probing/results.ts";
import type { KernelListener, KernelPort } from "../kernel/port.ts";
import type { TargetStatistics } from "../prober/statistics.ts";
import { Clocks } from "./clocks.ts";
import { Executor, type LogEntry } from "./executor.ts";
import { probeEvents } from "./probe-events.ts";
import type { ProberListener, ProberPort } from "./prober-port.ts";
import { type Stall, StallWatch } from "./stall-watch.ts";
import { NOTHING_YET, type View } from "./view.ts";

export interface LoopListener {
  log(entry: LogEntry): void;
  /** The door to the kernel failed in itself; the machine goes on, and asks again. */
  failed(error: Error): void;
  /** The picture has changed. Told after the work is done, many changes at once. */
  changed(view: View): void;
  /**
   * Nothing is left to be done: everything wanted is in place, or the kernel refuses it. Told each time this becomes true,
   * and once more after each `configure`.
   */
  settled(): void;
  /** Probes were not sent, because the prober itself was late. */
  stalled(stall: Stall): void;
  /** This must survive us. Times are on the clock of the boot (`process.hrtime`, ms). */
  keep(memory: Memory): void;
  /** What became of a request. Told when all that follows from it has been done, kept and shown. */
  answer(id: number, refusal: RequestRefusal | undefined): void;
}

/** A sign of life for the service manager's watchdog. */
export interface Heartbeat {
  readonly intervalMs: number;
  readonly beat: () => void;
}

/** Each makes one of the doors, given who listens to it. */
export interface LoopDoors {
  readonly kernel: (listener: KernelListener) => KernelPort;
  /** Without it nobody probes, and nobody is judged by probes. */
  readonly prober?: (listener: ProberListener) => ProberPort;
}

interface Answer {
  readonly id: number;
  readonly refusal: RequestRefusal | undefined;
}

export class Loop {
  readonly #machine: Machine;
  readonly #queue: MachineEvent[] = [];
  readonly #listener: LoopListener;
  readonly #port: KernelPort;
  readonly #prober: ProberPort | undefined;
  readonly #executor: Executor;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #clocks = new Clocks();
  readonly #answers: Answer[] = [];
  readonly #stalls = new StallWatch();
  #watcher: ((events: readonly ProbeEvent[]) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt: number | undefined;
  #nextBeatAt = 0;
  #draining = false;
  #closed = false;
  #shown = "";
  #view = NOTHING_YET;
  #shownRevision = -1;
  #settled = false;

  constructor(doors: LoopDoors, listener: LoopListener, heartbeat?: Heartbeat) {
    this.#listener = listener;
    this.#heartbeat = heartbeat;
    this.#machine = new Machine({ probing: doors.prober !== undefined });
    this.#port = doors.kernel({
      notices: (notices) => this.#feed({ type: "notices", notices }),
      overrun: () => this.#feed({ type: "overrun" }),
    });
    this.#prober = this.#openProber(doors);
    this.#executor = new Executor(this.#port, this.#prober, {
      log: (entry) => listener.log(entry),
      failed: (error) => listener.failed(error),
      keep: (memory) => listener.keep(this.#clocks.toBoot(memory)),
      answer: (id, refusal) => this.#answers.push({ id, refusal }),
    });
  }

  /** What an earlier daemon kept, as `keep` told it; before the first `configure`. */
  remember(memory: Memory): void {
    this.#feed({ type: "remember", memory: this.#clocks.fromBoot(memory) });
  }

  /** First or new configuration. An empty one takes away everything of ours. */
  configure(configuration: Configuration): void {
    this.#settled = false;
    this.#feed({ type: "configure", configuration });
  }

  /** An administrator's wish; `answer` tells what became of it, by the same id. */
  request(id: number, request: AdministratorRequest): void {
    this.#feed({ type: "request", id, request });
  }

  /** What is known now, with counters and round trips: they grow without `changed` being told. */
  look(): View {
    this.#clocks.lookAtWall();
    return {
      snapshot: this.#machine.snapshot(this.#clocks.toWall),
      kernel: this.#port.status(),
      prober: this.#proberStatus(),
    };
  }

  /** What was counted of each target. Rejects once closed. */
  async statistics(): Promise<readonly TargetStatistics[]> {
    return (await this.#prober?.statistics()) ?? [];
  }

  /** From now on `watcher` is told of every single probe; undefined for nobody, which costs nothing. */
  watchProbes(watcher: ((events: readonly ProbeEvent[]) => void) | undefined): void {
    this.#watcher = watcher;
  }

  /** Takes away everything of ours from the namespace; returns what the kernel would not let go, in words. */
  release(): string[] {
    this.configure({ trackUngrouped: false, groups: [] });
    return this.#machine.unfinished();
  }

  /** Stops without changing anything in the kernel: traffic goes on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#prober?.close();
    this.#port.close();
  }

  readonly #proberStatus = () => this.#prober?.status() ?? NOTHING_YET.prober;

  /** A door that stays shut leaves the other one closed, too. */
  #openProber(doors: LoopDoors): ProberPort | undefined {
    try {
      return doors.prober?.({ results: (results) => this.#takeResults(results) });
    } catch (error) {
      this.#port.close();
      throw error;
    }
  }

  /** Whoever watches hears of them after the machine has judged them. */
  #takeResults(results: readonly ProbeResult[]): void {
    // By which they were sent: what the machine makes of them may change it.
    const { plans } = this.#executor;
    this.#feed({ type: "probe-results", results });
    if (this.#closed) return;
    const stall = this.#stalls.look(performance.now(), this.#proberStatus);
    if (stall !== undefined) this.#listener.stalled(stall);
    if (this.#watcher !== undefined) this.#watcher(this.#eventsOf(results, plans));
  }

  #eventsOf(results: readonly ProbeResult[], plans: readonly ProbePlan[]): ProbeEvent[] {
    const { toWall, toBootMs } = this.#clocks;
    const target = this.#machine.target.bind(this.#machine);
    const { interfaces } = this.#view.snapshot;
    return probeEvents(results, { interfaces, plans, toWall, toBootMs, target });
  }

  #feed(event: MachineEvent): void {
    this.#queue.push(event);
    if (this.#draining || this.#closed) return;
    this.#draining = true;
    try {
      this.#drain();
    } finally {
      this.#draining = false;
    }
    if (this.#closed) return;
    this.#armTimer();
    this.#show();
    for (const { id, refusal } of this.#answers.splice(0)) this.#listener.answer(id, refusal);
    const settled = this.#machine.settled;
    if (settled && !this.#settled) this.#listener.settled();
    this.#settled = settled;
  }

  #drain(): void {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const { actions, wakeAt } = this.#machine.step(event, performance.now());
      this.#wakeAt = wakeAt;
      for (const action of actions) {
        const fact = this.#executor.perform(action);
        if (fact !== undefined) this.#queue.push(fact);
      }
    }
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    const deadlines = [this.#wakeAt, this.#heartbeat && this.#beat(now)].filter((deadline) => deadline !== undefined);
    if (deadlines.length === 0) return;
    const delayMs = Math.max(0, Math.ceil(Math.min(...deadlines) - now));
    this.#timer = setTimeout(() => this.#feed({ type: "timer" }), delayMs);
  }

  /** Beats if it is time to, and returns when the next is due. A loop that hangs does not get here. */
  #beat(now: number): number {
    if (this.#heartbeat !== undefined && now >= this.#nextBeatAt) {
      this.#heartbeat.beat();
      this.#nextBeatAt = now + this.#heartbeat.intervalMs;
    }
    return this.#nextBeatAt;
  }

  #show(): void {
    if (this.#machine.revision === this.#shownRevision) return;
    this.#shownRevision = this.#machine.revision;
    this.#view = this.look();
    const shown = JSON.stringify(this.#view);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#listener.changed(this.#view);
  }
}
