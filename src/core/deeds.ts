/** What leaves the machine in one step, in order, each with the fact that caused it. */
import type { Action, FailoverPlan, Order, ProbePlan, RequestRefusal } from "./actions.ts";
import type { Group } from "./group.ts";
import type { Announcement } from "./kernel-state/kernel-objects.ts";
import type { MemberMemory } from "./memory.ts";
import type { Message } from "./messages.ts";
import { Storms } from "./storms.ts";

export class Deeds {
  #actions: Action[] = [];
  #messages: Message[] = [];
  #cause = "";
  #now = 0;
  readonly #storms = new Storms();
  // Orders that hold until they are replaced: each is given anew when a group's part of it has changed.
  readonly arm = new StandingOrder<FailoverPlan>();
  readonly watch = new StandingOrder<number>();
  readonly probe = new StandingOrder<ProbePlan>();
  readonly keep = new StandingOrder<MemberMemory>();

  begin(cause: string, now: number): void {
    this.#actions = [];
    this.#messages = this.#storms.due(now);
    this.#cause = cause;
    this.#now = now;
  }

  /** When there is something to be said again that came too often (monotonic ms). */
  get deadline(): number {
    return this.#storms.deadline;
  }

  /** What is to be said comes last: it must not hold up what is to be done. */
  end(): readonly Action[] {
    for (const message of this.#messages) this.#actions.push({ type: "log", cause: this.#cause, message });
    return this.#actions;
  }

  /** Gives the armed plans where they have changed. */
  giveArmed(): void {
    const cause = this.#cause;
    this.arm.take((plans) => this.#actions.push({ type: "arm", cause, plans }));
  }

  /** Gives the other standing orders that have changed. */
  giveOrders(): void {
    const cause = this.#cause;
    this.watch.take((indexes) => this.#actions.push({ type: "watch", cause, indexes: [...new Set(indexes)] }));
    this.probe.take((plan) => this.#actions.push({ type: "probe", cause, plan }));
    this.keep.take((members) => this.#actions.push({ type: "keep", cause, memory: { members } }));
  }

  /** These are all groups there are now. */
  retain(groups: readonly Group[]): void {
    for (const order of [this.arm, this.watch, this.probe, this.keep]) order.retain(groups);
  }

  readonly log = (message: Message): void => {
    this.#messages.push(...this.#storms.admit(message, this.#now));
  };

  apply(id: number, order: Order): void {
    this.#actions.push({ type: "apply", id, cause: this.#cause, ...order });
  }

  /** True where there is a plan in force for this member alone: then it is carried out. */
  fire(index: number): boolean {
    const isArmed = this.arm.inForce().some((plan) => plan.index === index && plan.members.join() === `${index}`);
    if (isArmed) this.#actions.push({ type: "fire", cause: this.#cause, index });
    return isArmed;
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
}

/** One order made of a part for each group. In the beginning nothing is in force. */
export class StandingOrder<Item> {
  #parts = new Map<Group, { readonly items: readonly Item[]; readonly text: string }>();
  #changed = false;

  /** The part of `group` as it ought to be. */
  put(group: Group, items: readonly Item[]): void {
    const text = JSON.stringify(items);
    if (text === (this.#parts.get(group)?.text ?? "[]")) return;
    this.#parts.set(group, { items, text });
    this.#changed = true;
  }

  /** What was handed over; nothing where it is to be replaced. */
  inForce(): readonly Item[] {
    return this.#changed ? [] : [...this.#parts.values()].flatMap(({ items }) => items);
  }

  /** What was ordered may not be in force any more, or is in force from before: the next order is given in any case. */
  renew(): void {
    this.#changed = true;
  }

  /** Hands over the whole order where it has changed. */
  take(give: (items: readonly Item[]) => void): void {
    if (!this.#changed) return;
    this.#changed = false;
    give([...this.#parts.values()].flatMap(({ items }) => items));
  }

  retain(groups: readonly Group[]): void {
    const kept = groups.flatMap((group) => {
      const part = this.#parts.get(group);
      return part === undefined ? [] : [[group, part] as const];
    });
    if (kept.length < this.#parts.size) this.#changed = true;
    this.#parts = new Map(kept);
  }
}
