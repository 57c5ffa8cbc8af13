/**
 * Requests that the kernel refused rest for a while before they are asked again; the rest doubles with each refusal.
 * Without that a request that can never succeed would be repeated at every step.
 */
import type { KernelRequest } from "./kernel-objects.ts";
import { addressKey, routeKey } from "./picture.ts";

const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 10_000;
/**
 * A wish granted more often than this within a second is not coming true: somebody undoes it, or two wishes contradict each
 * other. It rests, too, so that no such mistake ever keeps the machine busy and deaf.
 */
const MOST_GRANTS_PER_SECOND = 50;

interface Rest {
  readonly until: number;
  readonly restMs: number;
  readonly refusals: number;
  /** The kernel's words. */
  readonly complaint: string;
  /** The link that it is about, 0 where it is about none. */
  readonly index: number;
}

/** What a request is about: two requests with the same name are the same wish. */
function requestName(request: KernelRequest): string {
  switch (request.op) {
    case "create-link":
      return `create-link ${request.name}`;
    case "set-link-up":
    case "remove-link":
      return `${request.op} ${request.index}`;
    case "set-setting":
      return `set-setting ${request.link}/${request.key}`;
    case "restore-settings":
      return `restore-settings ${request.index}`;
    case "set-address":
    case "remove-address":
      return `${request.op} ${addressKey(request.index, request.address, request.prefixLength)}`;
    case "set-next-hop":
    case "remove-next-hop":
      return `${request.op} ${request.id}`;
    case "set-next-hop-group":
      // With other next hops in it, it may well be granted.
      return `${request.op} ${request.id} ${request.group.join()}`;
    case "set-route":
    case "remove-route":
      return `${request.op} ${routeKey(request.route)}`;
  }
}

/** The object that a request is about, whatever that shall be like. */
export function subjectOf(request: KernelRequest): string {
  return request.op === "set-next-hop-group" ? `${request.op} ${request.id}` : requestName(request);
}

export class Retries {
  readonly #rests = new Map<string, Rest>();
  /** Grants since `#countedSince`, by wish. */
  readonly #grants = new Map<string, number>();
  #countedSince = Number.NEGATIVE_INFINITY;

  /** Notes a refusal; returns how often this wish has been refused in succession. */
  refused(request: KernelRequest, now: number, complaint = ""): number {
    const name = requestName(request);
    const before = this.#rests.get(name);
    const restMs = before === undefined ? FIRST_REST_MS : Math.min(before.restMs * 2, LONGEST_REST_MS);
    const refusals = (before?.refusals ?? 0) + 1;
    const index = "index" in request ? request.index : 0;
    this.#rests.set(name, { until: now + restMs, restMs, refusals, complaint, index });
    return refusals;
  }

  granted(request: KernelRequest, now: number): void {
    const name = requestName(request);
    this.#rests.delete(name);
    if (now - this.#countedSince >= 1000) {
      this.#grants.clear();
      this.#countedSince = now;
    }
    const grants = (this.#grants.get(name) ?? 0) + 1;
    this.#grants.set(name, grants);
    if (grants > MOST_GRANTS_PER_SECOND) this.holdBack(request, now + 1000);
  }

  /** The wish was granted, but what it brings about shows only later: do not repeat it until `until`. */
  holdBack(request: KernelRequest, until: number): void {
    this.#rests.set(requestName(request), { until, restMs: FIRST_REST_MS, refusals: 0, complaint: "", index: 0 });
  }

  isResting(request: KernelRequest, now: number): boolean {
    const rest = this.#rests.get(requestName(request));
    return rest !== undefined && rest.until > now;
  }

  /** Something has changed on the link of that index: what was refused there is asked for again at once. */
  wake(index: number, now: number): void {
    for (const [name, rest] of this.#rests) {
      if (rest.index === index && rest.refusals > 0)
        this.#rests.set(name, { ...rest, until: now, restMs: FIRST_REST_MS });
    }
  }

  /** True once the wish has been refused and not granted since. */
  wasRefused(name: string): boolean {
    return (this.#rests.get(name)?.refusals ?? 0) > 0;
  }

  /** What the kernel said of the wish the last time, or undefined where it was granted since, or was not refused so often yet. */
  complaint(request: KernelRequest, leastRefusals: number): string | undefined {
    const rest = this.#rests.get(requestName(request));
    return rest === undefined || rest.refusals < leastRefusals ? undefined : rest.complaint;
  }

  /** The earliest end of a rest after `now`, or undefined. */
  nextDeadline(now: number): number | undefined {
    let next: number | undefined;
    for (const [name, { until, refusals }] of this.#rests) {
      if (until > now) next = next === undefined ? until : Math.min(next, until);
      else if (refusals > 0 && until + 2 * LONGEST_REST_MS < now) this.#rests.delete(name);
    }
    return next;
  }
}
