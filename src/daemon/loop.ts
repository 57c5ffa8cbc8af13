/**
 * Where all meets: facts queue up here, go into the machine one at a time, and its deeds are carried out before the next
 * enters. The only file of the daemon with a timer.
 */
import type { Configuration } from "../core/configuration.ts";
import type { MachineEvent } from "../core/events.ts";
import { Machine } from "../core/machine.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { KernelListener, KernelPort, KernelStatus } from "../kernel/port.ts";
import { Executor, type LogEntry } from "./executor.ts";

export interface LoopListener {
  log(entry: LogEntry): void;
  /** The door to the kernel failed in itself; the machine goes on, and asks again. */
  failed(error: Error): void;
  /** The picture has changed. Told after the work is done, many changes at once. */
  changed(snapshot: Snapshot, status: KernelStatus): void;
  /** Nothing is left to be done: everything wanted is in place, or the kernel refuses it. Told each time this becomes true. */
  settled(): void;
}

/** A sign of life for the service manager's watchdog. */
export interface Heartbeat {
  readonly intervalMs: number;
  readonly beat: () => void;
}

export class Loop {
  readonly #machine = new Machine();
  readonly #queue: MachineEvent[] = [];
  readonly #listener: LoopListener;
  readonly #port: KernelPort;
  readonly #executor: Executor;
  readonly #heartbeat: Heartbeat | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt: number | undefined;
  #nextBeatAt = 0;
  #draining = false;
  #closed = false;
  #shown = "";
  #shownRevision = -1;
  #settled = false;

  /** @param open makes the door to the kernel, given who listens to it */
  constructor(open: (listener: KernelListener) => KernelPort, listener: LoopListener, heartbeat?: Heartbeat) {
    this.#listener = listener;
    this.#heartbeat = heartbeat;
    this.#port = open({
      notices: (notices) => this.#feed({ type: "notices", notices }),
      overrun: () => this.#feed({ type: "overrun" }),
    });
    this.#executor = new Executor(
      this.#port,
      (entry) => listener.log(entry),
      (error) => listener.failed(error),
    );
  }

  /** First or new configuration. An empty one takes away everything of ours. */
  configure(configuration: Configuration): void {
    this.#feed({ type: "configure", configuration });
  }

  /** Takes away everything of ours from the namespace; returns what the kernel would not let go, in words. */
  release(): string[] {
    this.configure({ groups: [] });
    return this.#machine.unfinished();
  }

  /** Stops without changing anything in the kernel: traffic goes on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#port.close();
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
    const snapshot = this.#machine.snapshot();
    const status = this.#port.status();
    const shown = JSON.stringify([snapshot, status]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#listener.changed(snapshot, status);
  }
}
