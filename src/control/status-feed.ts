/**
 * What the thread of status.sock gets to know, in order and in bounded amounts: no client of that socket makes the main thread
 * work more than at a fixed rate, and a thread that does not keep up makes nothing pile up here.
 */
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import type { ProbeEvent } from "./probes.ts";
import type { ControlSource, StreamKind } from "./routes.ts";
import type { StatusNews, StatusQuestion } from "./status-protocol.ts";

/** Between two answers of one kind. */
const ANSWER_EVERY_MS = 100;
/** Far more than one failover brings forth; a busy second of probes. */
const MOST_WAITING = 4096;

export class StatusFeed {
  readonly #source: ControlSource;
  readonly #send: (news: readonly StatusNews[]) => void;
  readonly #nextAt = new Map<StatusQuestion, number>();
  readonly #audience = new Set<StreamKind>();
  #waiting: StatusNews[] = [];
  #isUnderWay = false;
  /** Probes that were not told since the last one that was. */
  #missed = 0;
  #unfollowProbes: (() => void) | undefined;

  constructor(source: ControlSource, send: (news: readonly StatusNews[]) => void) {
    this.#source = source;
    this.#send = send;
  }

  publish(event: ControlEvent): void {
    if (!this.#audience.has("events")) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting = [...this.#waiting.filter(({ type }) => type === "answer" || type === "failure"), { type: "gap" }];
    }
    this.#put({ type: "event", event });
  }

  /** What went last has arrived. */
  taken(): void {
    this.#isUnderWay = false;
    this.#flush();
  }

  /** Somebody follows streams of this kind, or nobody any more. */
  setAudience(kind: StreamKind, anybody: boolean): void {
    if (anybody) this.#audience.add(kind);
    else this.#audience.delete(kind);
    if (kind !== "probes") return;
    this.#unfollowProbes?.();
    this.#unfollowProbes = anybody ? this.#source.followProbes((event) => this.#publishProbe(event)) : undefined;
  }

  /** Answers when it is time. Never rejects. */
  async answer(question: StatusQuestion): Promise<void> {
    const waitMs = (this.#nextAt.get(question) ?? 0) - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { ref: false });
    const news = await this.#answerTo(question);
    this.#nextAt.set(question, performance.now() + ANSWER_EVERY_MS);
    this.#put(news);
  }

  close(): void {
    this.setAudience("events", false);
    this.setAudience("probes", false);
  }

  async #answerTo(question: StatusQuestion): Promise<StatusNews> {
    try {
      return { type: "answer", to: question, value: await this.#source[question]() };
    } catch (error) {
      return { type: "failure", to: question, text: error instanceof Error ? error.message : systemCode(error) };
    }
  }

  #publishProbe(event: ProbeEvent): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#missed += event.missed + 1;
      return;
    }
    this.#put({ type: "event", event: { ...event, missed: event.missed + this.#missed } });
    this.#missed = 0;
  }

  #put(news: StatusNews): void {
    this.#waiting.push(news);
    this.#flush();
  }

  #flush(): void {
    if (this.#isUnderWay || this.#waiting.length === 0) return;
    this.#isUnderWay = true;
    this.#send(this.#waiting.splice(0));
  }
}
