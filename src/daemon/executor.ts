/** Carries out what the machine decided, on the door to the kernel; what comes of it goes back as events. */
import type { Action } from "../core/actions.ts";
import type { MachineEvent } from "../core/events.ts";
import type { KernelOutcome } from "../core/kernel-state/kernel-objects.ts";
import type { Message } from "../core/messages.ts";
import { KernelError } from "../kernel/errors.ts";
import type { KernelPort } from "../kernel/port.ts";

export interface LogEntry {
  readonly message: Message;
  readonly cause: string;
}

export class Executor {
  readonly #port: KernelPort;
  readonly #log: (entry: LogEntry) => void;
  /** A failure of the door itself: an announcement not sent, a dump not read. */
  readonly #failed: (error: Error) => void;

  constructor(port: KernelPort, log: (entry: LogEntry) => void, failed: (error: Error) => void) {
    this.#port = port;
    this.#log = log;
    this.#failed = failed;
  }

  /** Returns the fact that the deed brought about, if it brings one about at once. */
  perform(action: Action): MachineEvent | undefined {
    switch (action.type) {
      case "apply":
        return { type: "outcomes", id: action.id, outcomes: this.#apply(action.requests) };
      case "dump":
        return this.#dump(action.settingsOf);
      case "announce":
        this.#try(() => this.#port.announce(action.announcements));
        return undefined;
      case "arm":
        this.#try(() => this.#port.arm(action.plans));
        return undefined;
      case "watch":
        this.#try(() => this.#port.watch(action.indexes));
        return undefined;
      case "log":
        this.#log(action);
        return undefined;
    }
  }

  #apply(requests: Extract<Action, { type: "apply" }>["requests"]): readonly KernelOutcome[] {
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
      this.#failed(error);
      return undefined;
    }
  }
}

function outcomeOf(error: unknown): KernelOutcome {
  if (!(error instanceof KernelError)) throw error;
  return { ok: false, errno: error.errno, code: error.errnoName, text: error.message };
}
