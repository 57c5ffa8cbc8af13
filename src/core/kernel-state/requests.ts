/** What has been asked of the kernel and is not answered yet, and what it refused. */
import { isRouteInTheWay } from "./causes.ts";
import type { KernelOutcome, KernelRequest, NextHop } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";
import { Retries } from "./retries.ts";

/** An unanswered batch is given up after so long, and a dump tells what became of it. */
const ANSWER_LIMIT_MS = 5_000;
/** How long the notice of a link that we made may take. */
const NEW_LINK_LIMIT_MS = 1_000;
/** A single refusal is often a race with the kernel itself, and heals by itself: from this one on in succession it counts. */
export const REFUSALS_BEFORE_ACTING = 2;
/** What asking to remove something that is not there brings: it is as wanted. */
const ABSENT = new Set(["ENODEV", "EADDRNOTAVAIL", "ENOENT", "ESRCH", "ENXIO"]);

export interface Refusal {
  readonly request: KernelRequest;
  readonly code: string;
  readonly text: string;
  /** How often in succession. */
  readonly times: number;
}

/** A request that the kernel keeps refusing, and its words. */
export interface Complaint {
  readonly request: KernelRequest;
  readonly words: string;
}

export interface Answers {
  readonly granted: readonly KernelRequest[];
  readonly refused: readonly Refusal[];
  /** Granted as well, but told after the batch was given up: what they brought about may have changed again since. */
  readonly late: readonly KernelRequest[];
}

interface Batch {
  readonly id: number;
  readonly requests: readonly KernelRequest[];
  readonly until: number;
}

export class Requests {
  readonly #retries = new Retries();
  #lastId = 0;
  #pending: Batch | undefined;
  /** The one that was given up last. */
  #expired: Batch | undefined;

  /** A batch is under way: nothing else may be asked before its answer. */
  get busy(): boolean {
    return this.#pending !== undefined;
  }

  /** Notes the batch as under way and returns its id. */
  send(requests: readonly KernelRequest[], now: number): number {
    const id = ++this.#lastId;
    this.#pending = { id, requests, until: now + ANSWER_LIMIT_MS };
    return id;
  }

  /** Takes the answer to the batch under way. That to one that was given up tells no more than that something was granted after all. */
  answer(id: number, outcomes: readonly KernelOutcome[], now: number): Answers {
    const granted: KernelRequest[] = [];
    const refused: Refusal[] = [];
    if (this.#pending?.id !== id) return { granted, refused, late: this.#lateGrants(id, outcomes, now) };
    const missing = new Set<number>();
    for (const [at, request] of this.#pending.requests.entries()) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
      if (outcome.ok || isAsWanted(request, outcome.code)) granted.push(this.#grant(request, now));
      else if (!relies(request, missing)) refused.push(this.#refuse(request, outcome, now));
      if (!outcome.ok && isNextHop(request)) missing.add(request.id);
    }
    this.#pending = undefined;
    return { granted, refused, late: [] };
  }

  #lateGrants(id: number, outcomes: readonly KernelOutcome[], now: number): KernelRequest[] {
    if (this.#expired?.id !== id) return [];
    const late = this.#expired.requests.filter((_, at) => outcomes[at]?.ok === true);
    for (const request of late) this.#retries.granted(request, now);
    this.#expired = undefined;
    return late;
  }

  #refuse(request: KernelRequest, { code, text }: Extract<KernelOutcome, { ok: false }>, now: number): Refusal {
    const complaint = `${code}${textInBrackets(text || remedyFor(request, code))}`;
    return { request, code, text, times: this.#retries.refused(request, now, complaint) };
  }

  #grant(request: KernelRequest, now: number): KernelRequest {
    this.#retries.granted(request, now);
    if (request.op === "create-link") this.#retries.holdBack(request, now + NEW_LINK_LIMIT_MS);
    return request;
  }

  /** Gives up the batch under way if its time is over; true when that happened. */
  expire(now: number): boolean {
    if (this.#pending === undefined || this.#pending.until > now) return false;
    this.#expired = this.#pending;
    this.#pending = undefined;
    return true;
  }

  /**
   * Of these, in their order, the ones that are to be asked for now. What was refused a moment ago is not asked again yet; nor is what
   * relies on that, where it is not among the next hops that are `present`.
   */
  due(requests: readonly KernelRequest[], present: ReadonlyMap<number, NextHop>, now: number): KernelRequest[] {
    const missing = new Set<number>();
    return requests.filter((request) => {
      const rests = this.#retries.isResting(request, now);
      if (rests && isNextHop(request) && !present.has(request.id)) missing.add(request.id);
      return !rests && !relies(request, missing);
    });
  }

  /** Something has changed on the link of that index (0: about routes): what was refused there is asked for again at once. */
  wake(index: number | undefined, now: number): void {
    if (index !== undefined) this.#retries.wake(index, now);
  }

  /** Those of `missing` that the kernel keeps refusing, with its words. */
  complaints(missing: readonly KernelRequest[]): Complaint[] {
    return missing.flatMap((request) => {
      const words = this.#retries.complaint(request, REFUSALS_BEFORE_ACTING);
      return words === undefined ? [] : [{ request, words }];
    });
  }

  wasRefused(name: string): boolean {
    return this.#retries.wasRefused(name);
  }

  nextDeadline(now: number): number | undefined {
    const rest = this.#retries.nextDeadline(now);
    const pending = this.#pending?.until;
    return rest === undefined || pending === undefined ? (rest ?? pending) : Math.min(rest, pending);
  }
}

type NextHopRequest = Extract<KernelRequest, { op: "set-next-hop" | "set-next-hop-group" }>;

function isNextHop(request: KernelRequest): request is NextHopRequest {
  return request.op === "set-next-hop" || request.op === "set-next-hop-group";
}

/**
 * Could it not be granted, for a next hop that it names is missing? Then there is nothing wrong with it: it is asked for again as soon as
 * it is known how to do without that next hop.
 */
function relies(request: KernelRequest, missing: ReadonlySet<number>): boolean {
  if (request.op === "set-next-hop-group") return request.group.some((id) => missing.has(id));
  return request.op === "set-route" && missing.has(request.route.nextHopId);
}

function textInBrackets(text: string): string {
  return text === "" ? "" : ` (${text})`;
}

/** Refused, and yet as wanted: what was to be removed is not there, or this kernel has no such setting. */
function isAsWanted(request: KernelRequest, code: string): boolean {
  if (!ABSENT.has(code)) return false;
  return request.op.startsWith("remove-") || request.op === "restore-settings" || request.op === "set-setting";
}

/** What the kernel does not say by itself. */
export function remedyFor(request: KernelRequest, code: string): string {
  if (request.op === "set-link-up" && code === "ENETDOWN") {
    return "the link that it stands on is down: set that up, and this one follows within ten seconds";
  }
  if (!isRouteInTheWay(request, code)) return "";
  return "a route that is not ours stands there and bypasses the group: remove it, and the address that it came with";
}

/** A request in an administrator's words. */
export function requestText(request: KernelRequest, picture: Picture): string {
  const linkName = (index: number) => picture.links.get(index)?.name ?? `link ${index}`;
  switch (request.op) {
    case "create-link":
      return `create-link ${request.name}`;
    case "set-link-up":
    case "remove-link":
      return `${request.op} ${linkName(request.index)}`;
    case "set-setting":
      return `${request.op} ${request.key}=${request.value} of ${request.link || "the namespace"}`;
    case "restore-settings":
      return `${request.op} of ${request.index === 0 ? "the namespace" : request.link || "a link that is gone"}`;
    case "set-address":
    case "remove-address":
      return `${request.op} ${request.address}/${request.prefixLength} on ${linkName(request.index)}`;
    case "set-next-hop":
      return `${request.op} ${request.gateway === "" ? "" : `via ${request.gateway} `}dev ${linkName(request.index)}`;
    case "set-next-hop-group":
    case "remove-next-hop":
      return `${request.op} ${request.id}`;
    case "set-route":
    case "remove-route": {
      const { type, destination, metric } = request.route;
      return `${request.op} ${type === "unicast" ? "" : `${type} `}${destination} metric ${metric}`;
    }
  }
}
