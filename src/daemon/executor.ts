/** Carries out what the machine decided, on the doors to the world; what comes of it goes back as events. */
import type { Action, Order, ProbePlan, RequestRefusal } from "../core/actions.ts";
import type { MachineEvent } from "../core/events.ts";
import type { Announcement, KernelOutcome } from "../core/kernel-state/kernel-objects.ts";
import type { Memory } from "../core/memory.ts";
import type { Message } from "../core/messages.ts";
import { announceable } from "../core/placement/announcing.ts";
import { KernelError } from "../kernel/errors.ts";
import type { KernelPort } from "../kernel/port.ts";
import type { ProberPort } from "./prober-port.ts";

export interface LogEntry {
  readonly message: Message;
  readonly cause: string;
}

export interface ExecutorListener {
  log(entry: LogEntry): void;
  /** A failure of a door itself: an announcement not sent, a dump not read. */
  failed(error: Error): void;
  keep(memory: Memory): void;
  answer(id: number, refusal: RequestRefusal | undefined): void;
}

export class Executor {
  readonly #port: KernelPort;
  readonly #prober: ProberPort | undefined;
  readonly #listener: ExecutorListener;
  #plans: readonly ProbePlan[] = [];

  /** @param prober undefined where nobody can probe: the machine, which knows it, plans no probes then */
  constructor(port: KernelPort, prober: ProberPort | undefined, listener: ExecutorListener) {
    this.#port = port;
    this.#prober = prober;
    this.#listener = listener;
  }

  /** How is probed at present. */
  get plans(): readonly ProbePlan[] {
    return this.#plans;
  }

  /** Returns the fact that the deed brought about, if it brings one about at once. */
  perform(action: Action): MachineEvent | undefined {
    switch (action.type) {
      case "apply":
        return { type: "outcomes", id: action.id, outcomes: this.#carryOut(action) };
      case "dump":
        return this.#dump(action.settingsOf);
      case "announce":
        this.#announce(action.announcements);
        return undefined;
      case "arm":
        this.#try(() => this.#port.arm(action.plans));
        return undefined;
      case "fire":
        this.#try(() => this.#port.fire(action.index));
        return { type: "fired", index: action.index };
      case "watch":
        this.#try(() => this.#port.watch(action.indexes));
        return undefined;
      case "probe":
        this.#plans = action.plan;
        this.#try(() => this.#prober?.plan(action.plan));
        return undefined;
      case "keep":
        this.#listener.keep(action.memory);
        return undefined;
      case "answer":
        this.#listener.answer(action.id, action.refusal);
        return undefined;
      case "log":
        this.#listener.log(action);
        return undefined;
    }
  }

  /** Peers hear of what is in place before anything else is thought of: until then they look for it in vain. */
  #carryOut(order: Order): readonly KernelOutcome[] {
    const outcomes = this.#apply(order.requests);
    this.#announce(announceable(order, outcomes));
    return outcomes;
  }

  #announce(announcements: readonly Announcement[]): void {
    if (announcements.length > 0) this.#try(() => this.#port.announce(announcements));
  }

  #apply(requests: Order["requests"]): readonly KernelOutcome[] {
    try {
      return this.#port.apply(requests);
    } catch (error) {
      const outcome = outcomeOf(error);
      return requests.map(() => outcome);
    }
  }

  /** Without an answer the machine asks again after a while. */
  #dump(settingsOf: readonly string[]): MachineEvent | undefined {
    return this.#try(() => ({ type: "dump", picture: this.#port.dump(settingsOf) }) as const);
  }

  #try<Result>(deed: () => Result): Result | undefined {
    try {
      return deed();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#listener.failed(error);
      return undefined;
    }
  }
}

function outcomeOf(error: unknown): KernelOutcome {
  if (!(error instanceof KernelError)) throw error;
  return { ok: false, errno: error.errno, code: error.errnoName, text: error.message };
}
