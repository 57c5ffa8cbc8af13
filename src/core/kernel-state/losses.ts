/**
 * What of ours has gone from the kernel, or changed there, without our asking. Told from the echoes of our own requests, which come as notices, too;
 * and looked at before the picture takes a notice or a dump, since afterwards nothing is left to compare with.
 */
import { isOurLink } from "./group-interface.ts";
import {
  type KernelNotice,
  type KernelPicture,
  type KernelRequest,
  type NextHop,
  OUR_PROTOCOL,
} from "./kernel-objects.ts";
import { addressKey, type Picture, routeKey } from "./picture.ts";
import { subjectOf } from "./retries.ts";

/** The echo of a request comes within this, or has been lost. */
const ECHO_LIMIT_MS = 2_000;

export class Losses {
  /** By the subject of the request that would put it back. */
  readonly #lost = new Set<string>();
  /** Removals that we asked for, by their name, and forms that we gave to a next hop: until when their notices are awaited. */
  readonly #echoes = new Map<string, number>();

  /** To be called before `picture` takes the notice. */
  see(notice: KernelNotice, picture: Picture, now: number): void {
    switch (notice.kind) {
      case "address-removed": {
        const { index, address, prefixLength } = notice.address;
        const key = addressKey(index, address, prefixLength);
        if (this.#isEcho(`remove-address ${key}`, now)) return;
        if (picture.addresses.get(key)?.protocol === OUR_PROTOCOL) this.#lost.add(`set-address ${key}`);
        return;
      }
      case "next-hop-removed":
        if (!this.#isEcho(`remove-next-hop ${notice.id}`, now)) this.#loseNextHop(notice.id, picture);
        return;
      case "next-hop": {
        const { id } = notice.nextHop;
        const before = picture.nextHops.get(id);
        const isSame = before === undefined || formOf(before) === formOf(notice.nextHop);
        if (!isSame && !this.#isEcho(formOf(notice.nextHop), now)) this.#loseNextHop(id, picture);
        return;
      }
      case "route-removed": {
        const key = routeKey(notice.route);
        if (this.#isEcho(`remove-route ${key}`, now)) return;
        if (picture.routes.has(key)) this.#lost.add(`set-route ${key}`);
        return;
      }
      case "link": {
        const before = picture.links.get(notice.link.index);
        if (before === undefined || !isOurLink(before)) return;
        if (!isOurLink(notice.link) || notice.link.name !== before.name) this.#lost.add(`create-link ${before.name}`);
        else if (before.adminUp && !notice.link.adminUp) this.#lost.add(`set-link-up ${before.index}`);
        return;
      }
      case "link-removed": {
        const before = picture.links.get(notice.index);
        const isEcho = this.#isEcho(`remove-link ${notice.index}`, now);
        if (before !== undefined && isOurLink(before) && !isEcho) this.#lost.add(`create-link ${before.name}`);
        return;
      }
      default:
        return;
    }
  }

  /**
   * To be called before `picture` is replaced. Addresses, next hops and routes have notices: what has gone without one went while notices were lost,
   * perhaps with a link that bounced, and nobody is blamed for it.
   */
  compare(picture: Picture, dump: KernelPicture): void {
    const links = new Set(dump.links.filter(isOurLink).map(({ name }) => name));
    for (const link of picture.links.values()) {
      if (isOurLink(link) && !links.has(link.name)) this.#lost.add(`create-link ${link.name}`);
    }
    for (const [key, value] of Object.entries(dump.settings)) {
      const before = picture.settings.get(key);
      if (before !== undefined && before !== value) this.#lost.add(`set-setting ${key}`);
    }
  }

  /** Everything else is not missed by anybody, and has not to be put back. */
  keepOnly(missing: readonly KernelRequest[]): void {
    if (this.#lost.size === 0) return;
    const names = new Set(missing.map(subjectOf));
    for (const name of this.#lost) if (!names.has(name)) this.#lost.delete(name);
  }

  /** The kernel has taken this request. True where it puts back what was lost. */
  granted(request: KernelRequest, now: number): boolean {
    const name = subjectOf(request);
    if (name.startsWith("remove-")) this.#expect(name, now);
    if (request.op === "set-next-hop") this.#expect(formOf({ ...request, group: [], protocol: OUR_PROTOCOL }), now);
    if (request.op === "set-next-hop-group") {
      this.#expect(formOf({ ...request, family: 0, index: 0, gateway: "", protocol: OUR_PROTOCOL }), now);
    }
    return this.#lost.delete(name);
  }

  #expect(name: string, now: number): void {
    for (const [key, until] of this.#echoes) if (until <= now) this.#echoes.delete(key);
    this.#echoes.set(name, now + ECHO_LIMIT_MS);
  }

  #isEcho(name: string, now: number): boolean {
    const until = this.#echoes.get(name) ?? now;
    this.#echoes.delete(name);
    return until > now;
  }

  #loseNextHop(id: number, picture: Picture): void {
    const held = picture.nextHops.get(id);
    if (held?.protocol !== OUR_PROTOCOL) return;
    this.#lost.add(held.group.length > 0 ? `set-next-hop-group ${id}` : `set-next-hop ${id}`);
  }
}

function formOf({ id, index, gateway, group, protocol }: NextHop): string {
  return [id, protocol, index, gateway, ...group].join(" ");
}
