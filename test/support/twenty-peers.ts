/**
 * Twenty peers on the host's own link, each of which talks with every data address: what is spread over the members by the hash of
 * addresses uses each of them, so that one which does not work shows.
 */
import { fileURLToPath } from "node:url";
import type { Laboratory, Namespace } from "./laboratory.ts";
import { waitFor } from "./wait-for.ts";

const SCRIPT = fileURLToPath(new URL("./twenty-peers.mjs", import.meta.url));
const PORT = "7007";

/** Of each family; the subnets are those of the laboratory. */
const numbers = Array.from({ length: 20 }, (_, at) => 100 + at);
const PEERS = { 4: numbers.map((n) => `192.0.2.${n}`), 6: numbers.map((n) => `2001:db8::${n}`) } as const;

export class TwentyPeers {
  readonly #laboratory: Laboratory;
  readonly #data: readonly string[];

  private constructor(laboratory: Laboratory, data: readonly string[]) {
    this.#laboratory = laboratory;
    this.#data = data;
  }

  /** Gives the laboratory's peer its addresses, and lets both sides answer. */
  static async create(laboratory: Laboratory, data: readonly string[]): Promise<TwentyPeers> {
    await laboratory.ip("peer", [
      ...PEERS[4].map((address) => `address add ${address}/24 dev lan`),
      ...PEERS[6].map((address) => `address add ${address}/64 dev lan nodad`),
    ]);
    const serve = (namespace: Namespace, addresses: readonly string[]) =>
      laboratory.spawn(namespace, [process.execPath, SCRIPT, "echo", PORT, ...addresses]);
    serve("host", data);
    serve("peer", [...PEERS[4], ...PEERS[6]]);
    return new TwentyPeers(laboratory, data);
  }

  /** The pairs, of these families and in both directions, between which nothing comes back. */
  async unanswered(families: readonly (4 | 6)[]): Promise<string[]> {
    const data = this.#data.filter((address) => families.includes(address.includes(":") ? 6 : 4));
    const peers = families.flatMap((family) => PEERS[family]);
    const [inbound, outbound] = await Promise.all([this.#ask("peer", peers, data), this.#ask("host", data, peers)]);
    return [...inbound, ...outbound];
  }

  /** Waits until each of them reaches each data address of these families, and is reached from it. */
  async allAnswer(families: readonly (4 | 6)[]): Promise<void> {
    await waitFor(
      `all peers of IPv${families.join(" and IPv")} to reach all addresses, and to be reached`,
      () => this.unanswered(families),
      (unanswered) => unanswered.length === 0,
      30_000,
    );
  }

  async #ask(namespace: Namespace, from: readonly string[], to: readonly string[]): Promise<string[]> {
    const words = [process.execPath, SCRIPT, "ask", PORT, from.join(), to.join()];
    return JSON.parse((await this.#laboratory.run(namespace, words)).stdout) as string[];
  }
}
