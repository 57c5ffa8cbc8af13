/** What leaves the machine in one step, in order, each with the fact that caused it. */
import type { Action, FailoverPlan, ProbePlan, RequestRefusal } from "./actions.ts";
import type { Announcement, KernelRequest } from "./kernel-state/kernel-objects.ts";
import type { Memory } from "./memory.ts";
import type { Message } from "./messages.ts";

type Standing = "arm" | "watch" | "probe" | "keep";

export class Deeds {
  #actions: Action[] = [];
  #messages: Message[] = [];
  #cause = "";
  /** Orders that hold until they are replaced, as they were given last. In the beginning nothing is in force. */
  readonly #standing = new Map<Standing, string>([
    ["arm", "[]"],
    ["watch", "[]"],
    ["probe", "[]"],
    ["keep", JSON.stringify({ members: [] } satisfies Memory)],
  ]);

  begin(cause: string): void {
    this.#actions = [];
    this.#messages = [];
    this.#cause = cause;
  }

  /** What is to be said comes last: it must not hold up what is to be done. */
  end(): readonly Action[] {
    for (const message of this.#messages) this.#actions.push({ type: "log", cause: this.#cause, message });
    return this.#actions;
  }

  readonly log = (message: Message): void => {
    this.#messages.push(message);
  };

  apply(id: number, requests: readonly KernelRequest[]): void {
    this.#actions.push({ type: "apply", id, cause: this.#cause, requests });
  }

  dump(settingsOf: readonly string[]): void {
    this.#actions.push({ type: "dump", cause: this.#cause, settingsOf });
  }

  announce(announcements: readonly Announcement[]): void {
    if (announcements.length > 0) this.#actions.push({ type: "announce", cause: this.#cause, announcements });
  }

  answer(id: number, refusal: RequestRefusal | undefined): void {
    this.#actions.push({ type: "answer", cause: this.#cause, id, refusal });
  }

  // ---- orders that are given only when they differ from those in force ----

  arm(plans: readonly FailoverPlan[]): void {
    if (this.#isNew("arm", plans)) this.#actions.push({ type: "arm", cause: this.#cause, plans });
  }

  /** The armed plans may not be there any more: the next order is given in any case. */
  forgetArmed(): void {
    this.#standing.delete("arm");
  }

  watch(indexes: readonly number[]): void {
    if (this.#isNew("watch", indexes)) this.#actions.push({ type: "watch", cause: this.#cause, indexes });
  }

  probe(plan: readonly ProbePlan[]): void {
    if (this.#isNew("probe", plan)) this.#actions.push({ type: "probe", cause: this.#cause, plan });
  }

  keep(memory: Memory): void {
    if (this.#isNew("keep", memory)) this.#actions.push({ type: "keep", cause: this.#cause, memory });
  }

  /** This is what is kept already. */
  noteKept(memory: Memory): void {
    this.#standing.set("keep", JSON.stringify(memory));
  }

  #isNew(type: Standing, order: unknown): boolean {
    const text = JSON.stringify(order);
    const before = this.#standing.get(type);
    this.#standing.set(type, text);
    return text !== before;
  }
}
