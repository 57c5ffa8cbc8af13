/**
 * Routes of others as the machine has been told of them: by next hop, each by a link that was asked about. What the addon
 * reports is one message of the kernel for a route with all its next hops, which may be in next-hop objects. Routes that
 * differ in nothing of an OtherRoute (in their source, say) count as one.
 */
import type { KernelNotice, NextHop, OtherRoute } from "../core/kernel-state/kernel-objects.ts";
import type { NativeNotice, NativeOtherRoute, NativePicture } from "./native.ts";

export class OtherRoutes {
  #links: ReadonlySet<number> = new Set();
  #nextHops = new Map<number, NextHop>();
  #told = new Map<string, OtherRoute>();

  /** Begins anew with a dump for the links with these names; returns the routes of others in it. */
  replace(picture: NativePicture, names: readonly string[]): readonly OtherRoute[] {
    this.#links = new Set(picture.links.filter(({ name }) => names.includes(name)).map(({ index }) => index));
    this.#nextHops = new Map(picture.nextHops.map((hop) => [hop.id, hop]));
    this.#told = this.#byKey(picture.otherRoutes);
    return [...this.#told.values()];
  }

  /** The same notices for the machine; a doubt is no notice, and wants `settle`; nor is what is only told. */
  translate(notices: readonly NativeNotice[]): KernelNotice[] {
    return notices.flatMap((notice) => {
      switch (notice.kind) {
        case "other-routes":
          return [...this.#byKey(notice.routes)].map(([key, route]) => this.#add(key, route));
        case "other-routes-removed":
          return [...this.#byKey(notice.routes)].flatMap(([key, route]) => this.#remove(key, route));
        case "other-routes-doubtful":
        case "driver-disbelieved":
          return [];
        default:
          this.#follow(notice);
          return [notice];
      }
    });
  }

  /** What the kernel did not report: the difference between what was told and all that is there now. */
  settle(routes: readonly NativeOtherRoute[]): KernelNotice[] {
    const present = this.#byKey(routes);
    const gone = [...this.#told].filter(([key]) => !present.has(key));
    const added = [...present].filter(([key]) => !this.#told.has(key));
    return [
      ...gone.flatMap(([key, route]) => this.#remove(key, route)),
      ...added.map(([key, route]) => this.#add(key, route)),
    ];
  }

  #add(key: string, route: OtherRoute): KernelNotice {
    this.#told.set(key, route);
    return { kind: "other-route", route };
  }

  #remove(key: string, route: OtherRoute): KernelNotice[] {
    return this.#told.delete(key) ? [{ kind: "other-route-removed", route }] : [];
  }

  #follow(notice: KernelNotice): void {
    if (notice.kind === "next-hop") this.#nextHops.set(notice.nextHop.id, notice.nextHop);
    if (notice.kind === "next-hop-removed") this.#nextHops.delete(notice.id);
  }

  #byKey(routes: readonly NativeOtherRoute[]): Map<string, OtherRoute> {
    const resolved = routes.flatMap((route) => this.#resolve(route)).filter(({ index }) => this.#links.has(index));
    return new Map(resolved.map((route) => [keyOf(route), route]));
  }

  /** One route for each single next hop of its object; none where the object is unknown, and a notice of it is under way. */
  #resolve({ nextHopId, ...route }: NativeOtherRoute): OtherRoute[] {
    if (nextHopId === 0) return [route];
    const top = this.#nextHops.get(nextHopId);
    if (top === undefined) return [];
    const singles = top.group.length === 0 ? [top] : top.group.flatMap((id) => this.#nextHops.get(id) ?? []);
    return singles.map(({ index, gateway }) => ({ ...route, index, gateway }));
  }
}

function keyOf({ family, destination, metric, protocol, index, gateway }: OtherRoute): string {
  return `${family} ${destination} ${metric} ${protocol} ${index} ${gateway}`;
}
