/** Somebody else who works on the same host: other programs, and administrators with `ip` and `sysctl`. */
import { OUR_NEXT_HOP_IDS } from "../../src/core/kernel-state/kernel-objects.ts";
import { addressPrefix } from "../support/simulated-configuration.ts";
import type { SimulatedKernel } from "../support/simulated-kernel.ts";

const STRANGERS_PROTOCOL = 4;

export class Stranger {
  private readonly kernel: SimulatedKernel;

  constructor(kernel: SimulatedKernel) {
    this.kernel = kernel;
  }

  /**
   * `adds|deletes address A/LEN LINK`, `deletes link NAME`, `takes|deletes next-hop N LINK`, `disables|enables ipv6 LINK`,
   * `adds|deletes route DESTINATION LINK [via GATEWAY] [metric N]`, `sets setting KEY=VALUE LINK`, `has link-local LINK` (the same one as
   * that link: duplicate address detection fails).
   */
  act(words: readonly string[]): void {
    const [deed = "", kind, text = "", name = ""] = words;
    const index = this.kernel.link(name)?.index ?? 0;
    if (kind === "link") this.kernel.unplug(text);
    else if (kind === "ipv6") this.ipv6(deed, text);
    else if (kind === "address") this.address(deed, text, index);
    else if (kind === "next-hop") this.nextHop(deed, OUR_NEXT_HOP_IDS.first + Number(text), index);
    else if (kind === "setting") this.kernel.settings.write(index, ...(text.split("=") as [string, string]));
    else if (kind === "link-local") this.linkLocal(text);
    else if (kind === "route") this.route(deed, text, index, words.slice(4));
    else throw new Error(`a stranger can not do ${deed} ${kind}`);
  }

  private ipv6(deed: string, link: string): void {
    if (deed === "disables") this.kernel.disableIpv6(link);
    else this.kernel.enableIpv6(link);
  }

  private linkLocal(link: string): void {
    const held = this.kernel.addresses.on(this.kernel.link(link)?.index ?? 0).find(({ scope }) => scope === "link");
    if (held !== undefined) this.kernel.addresses.set({ ...held, tentative: true });
  }

  private address(deed: string, text: string, index: number): void {
    const { family, address, prefixLength } = addressPrefix(text);
    const held = this.kernel.addresses.on(index).find((candidate) => candidate.address === address);
    const form = { index, family, address, prefixLength };
    if (deed === "deletes") this.kernel.addresses.remove(form, held?.protocol ?? 0);
    else this.kernel.addresses.set({ ...form, scope: "universe", protocol: 0, tentative: false, deprecated: false });
  }

  private nextHop(deed: string, id: number, index: number): void {
    const protocol = this.kernel.routing.nextHops.get(id)?.protocol ?? STRANGERS_PROTOCOL;
    if (deed === "deletes") this.kernel.routing.removeNextHop(id, protocol);
    else this.kernel.routing.setNextHop({ id, family: 4, index, protocol, gateway: "", group: [] });
  }

  /** Deletes every route to that destination, or adds one of its own. */
  private route(deed: string, destination: string, index: number, details: readonly string[]): void {
    const present = this.kernel.routing.routes.filter((route) => route.destination === destination);
    if (deed === "deletes") for (const route of present) this.kernel.routing.removeRoute(route);
    else
      this.kernel.routing.setRoute(
        {
          ...{ family: destination.includes(":") ? 6 : 4, destination, table: 254, type: "unicast" },
          ...{ scope: "link", protocol: STRANGERS_PROTOCOL, nextHopId: 0, index, source: "" },
          ...{ metric: Number(detail(details, "metric") ?? 0), gateway: detail(details, "via") ?? "" },
        },
        true,
      );
  }
}

function detail(words: readonly string[], name: string): string | undefined {
  return words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
}
