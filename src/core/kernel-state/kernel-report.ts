/** What is told of our dealings with the kernel: what it refuses, and what somebody else undoes there. */
import type { Group } from "../group.ts";
import { isUp } from "../members/links.ts";
import type { Message } from "../messages.ts";
import { Contested, type ContestedKind } from "./contested.ts";
import { isOurLink } from "./group-interface.ts";
import type { KernelNotice, KernelPicture, KernelRequest } from "./kernel-objects.ts";
import { Losses } from "./losses.ts";
import type { NextHopIds } from "./next-hop-ids.ts";
import type { Picture } from "./picture.ts";
import { RefusalReport, takeGrant } from "./refusals.ts";
import { type Answers, requestText } from "./requests.ts";

export class KernelReport {
  readonly #picture: Picture;
  readonly #ids: NextHopIds;
  readonly #log: (message: Message) => void;
  readonly #refusals = new RefusalReport();
  readonly #losses = new Losses();
  readonly #contested = new Contested();
  /** For whom a request was asked that may put back what was lost. */
  readonly #askedFor = new Map<KernelRequest, string>();

  constructor(picture: Picture, ids: NextHopIds, log: (message: Message) => void) {
    this.#picture = picture;
    this.#ids = ids;
    this.#log = log;
  }

  /** Before the picture takes it. `groups`: those that it concerns. */
  notice(notice: KernelNotice, groups: readonly Group[], now: number): void {
    this.#losses.see(notice, this.#picture, now);
    if (takesMember(notice, groups)) this.#forgive(groups, now);
  }

  /** Before the picture is replaced. */
  dump(next: KernelPicture, groups: readonly Group[], now: number): void {
    this.#losses.compare(this.#picture, next);
    const up = new Set(next.links.filter(isUp).map(({ index }) => index));
    const hasLost = [...this.#picture.links.values()].some(
      (link) => isUp(link) && !isOurLink(link) && !up.has(link.index),
    );
    if (hasLost) this.#forgive(groups, now);
  }

  /** What is missing in each group that was looked at, and in the namespace, whose name is "". */
  missing(parts: ReadonlyMap<string, readonly KernelRequest[]>): void {
    this.#losses.keepOnly([...parts.values()].flat());
    this.#askedFor.clear();
    for (const [group, requests] of parts) for (const request of requests) this.#askedFor.set(request, group);
  }

  /** The picture takes what was granted. True where something was refused, or granted so late that nobody knows what is there now. */
  answered({ granted, refused, late }: Answers, groups: readonly Group[], now: number): boolean {
    this.#say(this.#refusals.granted([...granted, ...late], this.#picture));
    for (const request of granted) {
      takeGrant(request, groups, this.#ids);
      const group = this.#askedFor.get(request);
      if (this.#losses.granted(request, now) && group !== undefined) this.#putBack(request, group, now);
      this.#picture.confirm(request);
    }
    for (const request of late) takeGrant(request, groups, this.#ids);
    this.#say(this.#refusals.refused(refused, groups, this.#picture, this.#ids, now));
    return refused.length + late.length > 0;
  }

  /** Says what is due. */
  tell(now: number): void {
    for (const message of this.#contested.due(now)) this.#log(message);
  }

  get deadline(): number {
    return this.#contested.deadline;
  }

  #putBack(request: KernelRequest, group: string, now: number): void {
    // What it is called, without what was asked.
    const text = requestText(request, this.#picture).replace(/^\S+ /, "").replace(" on ", " of ");
    this.#contested.putBack(group, kindOf(request), text, now);
  }

  #forgive(groups: readonly Group[], now: number): void {
    for (const { configuration } of groups) this.#contested.linkLost(configuration.name, now);
  }

  #say(messages: readonly Message[]): void {
    for (const message of messages) this.#log(message);
  }
}

/** A link other than a group's own goes down or away. By its name: a device that is being deleted has lost its alias already. */
function takesMember(notice: KernelNotice, groups: readonly Group[]): boolean {
  const isMember = (name: string) => groups.every(({ configuration }) => configuration.name !== name);
  switch (notice.kind) {
    case "link":
      return !isUp(notice.link) && isMember(notice.link.name);
    case "link-removed":
      return isMember(notice.name);
    case "carrier":
      return !notice.carrier;
    default:
      return false;
  }
}

function kindOf({ op }: KernelRequest): ContestedKind {
  switch (op) {
    case "set-address":
      return "addresses";
    case "set-route":
      return "routes";
    case "set-setting":
      return "settings";
    case "create-link":
    case "set-link-up":
      return "group interface";
    default:
      return "next hops";
  }
}
