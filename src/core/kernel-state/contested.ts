/**
 * What somebody else undoes and we put back: told once as a whole, since one command of theirs takes many things; then as a contest, where it goes on; and
 * once more when it is over. Two managers that fight must not do so unseen, and must not fill the log either.
 */
import type { Message } from "../messages.ts";

export type ContestedKind = "group interface" | "addresses" | "next hops" | "routes" | "settings";

/** What comes within this belongs together; and what the kernel itself takes away with a link is nobody's doing. */
const GATHER_MS = 1_000;
/** So many rounds within the window are a contest. */
const ROUNDS = 3;
const WINDOW_MS = 60 * 60_000;
/** Over after so long without a round; or after twice the longest pause between two, where that is more. */
const QUIET_MS = 10 * 60_000;
/** More than this are told by their number. */
const MOST_NAMED = 3;

interface Gathering {
  readonly since: number;
  readonly changes: Map<ContestedKind, string[]>;
}

/** One kind of thing of one group. */
interface Dispute {
  /** Monotonic ms of the first round, and of the latest. */
  readonly since: number;
  readonly lastAt: number;
  /** Those within the window. */
  readonly rounds: readonly number[];
  /** Changes in all rounds. */
  readonly changes: number;
  readonly longestPauseMs: number;
  /** As a contest. */
  readonly told: boolean;
}

export class Contested {
  readonly #gatherings = new Map<string, Gathering>();
  readonly #disputes = new Map<string, Map<ContestedKind, Dispute>>();
  readonly #linkLost = new Map<string, number>();

  /** `text`: what was put back in `group`, such as "192.0.2.10/32 of eth0". */
  putBack(group: string, kind: ContestedKind, text: string, now: number): void {
    const gathering = this.#gatherings.get(group) ?? { since: now, changes: new Map() };
    this.#gatherings.set(group, gathering);
    gathering.changes.set(kind, [...(gathering.changes.get(kind) ?? []), text]);
  }

  /** A link of this group has gone down or away: what the kernel has taken with it is nobody's doing. */
  linkLost(group: string, now: number): void {
    this.#linkLost.set(group, now);
  }

  /** What there is to be said by now. */
  due(now: number): Message[] {
    const messages: Message[] = [];
    for (const [group, gathering] of this.#gatherings) {
      if (now < gathering.since + GATHER_MS) continue;
      this.#gatherings.delete(group);
      const lostAt = this.#linkLost.get(group) ?? Number.NEGATIVE_INFINITY;
      if (lostAt < gathering.since - GATHER_MS) messages.push(...this.#judge(group, gathering, now));
    }
    for (const [group, disputes] of this.#disputes) messages.push(...this.#end(group, disputes, now));
    return messages;
  }

  /** Monotonic ms of the next thing to be said; infinite where there is none. */
  get deadline(): number {
    const gathered = [...this.#gatherings.values()].map(({ since }) => since + GATHER_MS);
    const disputes = [...this.#disputes.values()].flatMap((kinds) => [...kinds.values()]);
    return Math.min(...gathered, ...disputes.map(endOf));
  }

  #judge(group: string, { changes, since }: Gathering, now: number): Message[] {
    const disputes = this.#disputes.get(group) ?? new Map<ContestedKind, Dispute>();
    this.#disputes.set(group, disputes);
    const calm: string[] = [];
    const contested: ContestedKind[] = [];
    for (const [kind, texts] of changes) {
      const before = disputes.get(kind) ?? beginning(since);
      const dispute = withRound(before, texts.length, since);
      disputes.set(kind, dispute);
      if (before.told) continue;
      if (dispute.told) contested.push(kind);
      else calm.push(whatText(kind, texts));
    }
    const messages: Message[] = calm.length === 0 ? [] : [{ id: "put-back", group, what: calm.join("; ") }];
    if (contested.length > 0) messages.push({ id: "contested", group, ...total(contested, disputes, now) });
    return messages;
  }

  /** What has been quiet for long enough is forgotten; of a contest that is news. */
  #end(group: string, disputes: Map<ContestedKind, Dispute>, now: number): Message[] {
    const over = [...disputes].filter(([, dispute]) => now >= endOf(dispute));
    const contested = over.flatMap(([kind, { told }]) => (told ? [kind] : []));
    const news = total(contested, disputes, now);
    for (const [kind] of over) disputes.delete(kind);
    return contested.length === 0 ? [] : [{ id: "contest-over", group, ...news }];
  }
}

function beginning(now: number): Dispute {
  return { since: now, lastAt: now, rounds: [], changes: 0, longestPauseMs: 0, told: false };
}

function withRound(before: Dispute, changes: number, now: number): Dispute {
  const rounds = [...before.rounds, now].filter((at) => at > now - WINDOW_MS);
  return {
    since: before.since,
    lastAt: now,
    rounds,
    changes: before.changes + changes,
    longestPauseMs: Math.max(before.longestPauseMs, now - before.lastAt),
    told: before.told || rounds.length >= ROUNDS,
  };
}

/** Before it is a contest a round counts for the whole window. */
function endOf({ lastAt, longestPauseMs, told }: Dispute): number {
  return lastAt + (told ? Math.max(QUIET_MS, 2 * longestPauseMs) : WINDOW_MS);
}

/** "addresses, routes", changed so often in so many minutes. */
function total(kinds: readonly ContestedKind[], disputes: ReadonlyMap<ContestedKind, Dispute>, now: number) {
  const chosen = [...disputes].flatMap(([kind, dispute]) => (kinds.includes(kind) ? [dispute] : []));
  const since = Math.min(now, ...chosen.map((dispute) => dispute.since));
  const times = chosen.reduce((sum, { changes }) => sum + changes, 0);
  return { what: kinds.join(", "), times, minutes: Math.max(1, Math.ceil((now - since) / 60_000)) };
}

function whatText(kind: ContestedKind, texts: readonly string[]): string {
  const named = [...new Set(texts)];
  if (kind === "group interface") return "the group interface";
  return named.length > MOST_NAMED ? `${named.length} ${kind}` : `${kind} ${named.join(", ")}`;
}
