/**
 * Bounds how often the log tells of one thing. A link that bounces fifty times a second would write a hundred lines a second: after some of them there is one
 * that says so, then nothing, and when it has been quiet for a while how many there were, and the latest.
 */
import { wording } from "./message-texts.ts";
import type { Message } from "./messages.ts";

/** So many lines about one thing within a minute are told. */
const MOST_LINES = 10;
const WINDOW_MS = 60_000;
/** The storm is over when nothing has been said about the thing for so long. */
const QUIET_MS = 60_000;

/** What is one and the other end of the same thing. */
const TOPICS: { readonly [Id in Message["id"]]?: string } = {
  "link-down": "link",
  "link-up": "link",
  "interface-failed": "state",
  "interface-repaired": "state",
  "group-failed": "group",
  "group-usable": "group",
  "hardware-address-duplicate": "hardware address",
  "hardware-address-unique": "hardware address",
  "interface-removed": "presence",
  "interface-appeared": "presence",
  "detection-time-raised": "detection time",
  "detection-time-lowered": "detection time",
  "route-bypasses": "bypass",
  "route-bypass-gone": "bypass",
  "request-failed": "request",
  "request-taken": "request",
  "settings-refused": "settings",
  "settings-taken": "settings",
  "family-missing": "families",
  "families-consistent": "families",
  "arp-off": "ARP",
  "arp-on": "ARP",
  "mtus-differ": "MTUs",
  "mtus-equal": "MTUs",
  "target-astray": "way to a target",
  "target-direct": "way to a target",
};

/** The fields that tell one thing from another. */
const IDENTITY = ["interface", "group", "family", "route", "operation", "target", "from", "to"];

interface Telling {
  /** Monotonic ms of the lines within the window. */
  told: number[];
  /** Undefined while all are told. */
  storm: { readonly since: number; lines: number; latest: Message; lastAt: number } | undefined;
}

export class Storms {
  readonly #records = new Map<string, Telling>();

  /** Returns what is to be said now: the message, or that it comes too often, or nothing. */
  admit(message: Message, now: number): readonly Message[] {
    const key = keyOf(message);
    const record = this.#records.get(key) ?? { told: [], storm: undefined };
    this.#records.set(key, record);
    if (record.storm !== undefined) {
      record.storm = { ...record.storm, lines: record.storm.lines + 1, latest: message, lastAt: now };
      return [];
    }
    record.told = [...record.told.filter((at) => at > now - WINDOW_MS), now];
    if (record.told.length <= MOST_LINES) return [message];
    record.storm = { since: now, lines: 1, latest: message, lastAt: now };
    return [{ id: "told-too-often", latest: wording(message).text, group: groupOf(message) }];
  }

  /** Storms that are over; what is forgotten costs no memory. */
  due(now: number): Message[] {
    const messages: Message[] = [];
    for (const [key, { told, storm }] of this.#records) {
      if (now < endOf(told, storm)) continue;
      this.#records.delete(key);
      if (storm === undefined) continue;
      const { since, lines, latest } = storm;
      const seconds = Math.max(1, Math.round((storm.lastAt - since) / 1000));
      messages.push({ id: "told-again", lines, seconds, group: groupOf(latest) }, latest);
    }
    return messages;
  }

  /** Monotonic ms of the end of the next storm; infinite where there is none. */
  get deadline(): number {
    const ends = [...this.#records.values()].map(({ told, storm }) =>
      storm === undefined ? Number.POSITIVE_INFINITY : endOf(told, storm),
    );
    return Math.min(...ends);
  }
}

function endOf(told: readonly number[], storm: Telling["storm"]): number {
  return storm === undefined ? Math.max(...told) + WINDOW_MS : storm.lastAt + QUIET_MS;
}

function groupOf(message: Message): string {
  return "group" in message ? message.group : "";
}

function keyOf(message: Message): string {
  const fields = message as unknown as { readonly [name: string]: unknown };
  return [TOPICS[message.id] ?? message.id, ...IDENTITY.map((name) => `${fields[name] ?? ""}`)].join("|");
}
