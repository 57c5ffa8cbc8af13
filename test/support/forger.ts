/** Somebody on the link who says, again and again, that addresses of others are at a hardware address where nobody is. */
import { Rtnetlink } from "../../src/kernel/index.ts";
import { type Laboratory, monotonicNs } from "./laboratory.ts";

/** Nobody's: what is sent there is lost. */
export const FORGED_HARDWARE_ADDRESS = "02:00:00:00:66:66";

const TICK_MS = 10;

type Announcement = Parameters<Rtnetlink["announce"]>[0][number];

/** Speaks from the card of the laboratory's peer. */
export class Forger {
  readonly #port: Rtnetlink;
  readonly #lies: readonly Announcement[];
  readonly #perSecond: number;
  readonly #began = monotonicNs();
  readonly #timer: NodeJS.Timeout;
  #told = 0;

  /** Each `address` is lied about `perSecond` times a second: by a gratuitous ARP request and a reply, or by a neighbour advertisement. */
  static async start(laboratory: Laboratory, addresses: readonly string[], perSecond: number): Promise<Forger> {
    const [link] = await laboratory.ipJson<{ ifindex: number }>("peer", "link", "show", "dev", "lan");
    if (link === undefined) throw new TypeError("the peer has a card");
    const { ifindex: index } = link;
    const lies = addresses.map((address): Announcement => {
      return { index, hardwareAddress: FORGED_HARDWARE_ADDRESS, family: address.includes(":") ? 6 : 4, address };
    });
    return new Forger(`${laboratory.directory}/forger.json`, lies, perSecond);
  }

  private constructor(settingsFile: string, lies: readonly Announcement[], perSecond: number) {
    const ears = { notices: () => {}, overrun: () => {} };
    this.#port = Rtnetlink.open({ netns: "/run/netns/peer", settingsFile, realtime: false }, ears);
    this.#lies = lies;
    this.#perSecond = perSecond;
    this.#timer = setInterval(() => this.#tell(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#port.close();
  }

  /** What a late timer left out is made up for. */
  #tell(): void {
    const due = Math.floor(((monotonicNs() - this.#began) / 1e9) * this.#perSecond);
    for (; this.#told < due; this.#told++) this.#port.announce(this.#lies);
  }
}
