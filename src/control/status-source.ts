/** Where the thread of status.sock gets its answers: from the main thread, one question of each kind at a time. */
import type { ControlSource } from "./routes.ts";
import type { FromStatus, StatusNews, StatusQuestion } from "./status-protocol.ts";

/** An answer serves so long: the main thread gives no others sooner. */
const YOUNG_MS = 100;

interface Asked {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
  answeredAt: number | undefined;
}

export class StatusSource {
  readonly #say: (message: FromStatus) => void;
  readonly #asked = new Map<StatusQuestion, Asked>();

  constructor(say: (message: FromStatus) => void) {
    this.#say = say;
  }

  /** For the door. Changes never come as far as this: that socket refuses them. */
  get source(): ControlSource {
    const get = <Value>(question: StatusQuestion, fresh = false) => this.#get(question, fresh) as Promise<Value>;
    const never = () => Promise.reject(new TypeError("assertion failed: a change was asked for on status.sock"));
    return {
      snapshot: ({ fresh } = { fresh: false }) => get("snapshot", fresh),
      probes: () => get("probes"),
      configuration: () => get("configuration"),
      // The door says who follows: see `audience`.
      followProbes: () => () => undefined,
      request: never,
      reload: never,
      applyConfiguration: never,
    };
  }

  take(news: Extract<StatusNews, { type: "answer" | "failure" }>): void {
    const asked = this.#asked.get(news.to);
    if (asked === undefined) return;
    if (news.type === "answer") asked.resolve(news.value);
    else asked.reject(new Error(news.text));
    asked.answeredAt = performance.now();
  }

  /** `fresh`: one that has not been answered yet will do, since what happens before the answer comes before it. */
  #get(question: StatusQuestion, fresh: boolean): Promise<unknown> {
    const latest = this.#asked.get(question);
    const isOpen = latest !== undefined && latest.answeredAt === undefined;
    const isYoung = latest?.answeredAt !== undefined && performance.now() - latest.answeredAt < YOUNG_MS;
    if (latest !== undefined && (isOpen || (isYoung && !fresh))) return latest.promise;
    const asked = newlyAsked();
    this.#asked.set(question, asked);
    this.#say({ type: "ask", question });
    return asked.promise;
  }
}

function newlyAsked(): Asked {
  let resolve: Asked["resolve"] = () => undefined;
  let reject: Asked["reject"] = () => undefined;
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Who asked may have gone.
  promise.catch(() => undefined);
  return { promise, resolve, reject, answeredAt: undefined };
}
