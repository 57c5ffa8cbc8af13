/**
 * The link that the members of a simulated host share: the hosts and routers on it, and the path from each NIC to them. What
 * is wrong here no carrier tells; only probes find it.
 */
import type { ProbeMethod } from "../../src/core/actions.ts";
import type { Family } from "../../src/core/configuration.ts";

export interface SegmentHost {
  readonly address: string;
  readonly family: Family;
  readonly alive: boolean;
  /** Round trip in ms. */
  readonly delayMs: number;
  /** Does it answer a question to all hosts? Routers mostly do not. */
  readonly answersMulticast: boolean;
  /** Some firewalls let nothing but ARP in. */
  readonly answersEcho: boolean;
  /** The share of questions that are lost on the way, 0..1. */
  readonly loss: number;
  /** It answers so many echo requests per second, and no more; 0: all of them. */
  readonly limitPerSecond: number;
  /** After a while without questions it answers so many at once. */
  readonly burst: number;
}

/**
 * `dead`: nothing passes; `deaf`: what comes in is lost; `mute`: what goes out is lost; `held`: answers wait in the network
 * until the path is alive again.
 */
export type PathState = "alive" | "dead" | "deaf" | "mute" | "held";

const PATH_STATES: readonly string[] = ["alive", "dead", "deaf", "mute", "held"] satisfies PathState[];

/** For scripts. @throws {Error} for a word that is no state of a path. */
export function pathState(text: string): PathState {
  if (PATH_STATES.includes(text)) return text as PathState;
  throw new Error(`a path can be ${PATH_STATES.join(", ")}, not ${text}`);
}

export class SimulatedSegment {
  private readonly hosts = new Map<string, SegmentHost>();
  private readonly paths = new Map<string, PathState>();
  /** Answers that each limited host has left, and as of when (ms). */
  private readonly left = new Map<string, { readonly count: number; readonly atMs: number }>();
  private readonly uniform: () => number;

  /** `uniform` gives numbers in [0, 1): which questions are lost. */
  constructor(uniform: () => number) {
    this.uniform = uniform;
  }

  get all(): readonly SegmentHost[] {
    return [...this.hosts.values()];
  }

  /** Puts a host on the link, or changes it. A new one is alive, quick, and answers everything. */
  setHost(address: string, changes: Partial<Omit<SegmentHost, "address" | "family">> = {}): void {
    const family: Family = address.includes(":") ? 6 : 4;
    const fresh: SegmentHost = {
      address,
      family,
      alive: true,
      delayMs: 1,
      answersMulticast: true,
      answersEcho: true,
      loss: 0,
      limitPerSecond: 0,
      burst: 1,
    };
    this.hosts.set(address, { ...fresh, ...this.hosts.get(address), ...changes });
  }

  /** The path of the NIC of that index to everybody, or to one host. */
  setPath(index: number, state: PathState, address = ""): void {
    this.paths.set(`${index} ${address}`, state);
  }

  /** The path of that NIC, cuts to single hosts aside. */
  pathOf(index: number): PathState {
    return this.paths.get(`${index} `) ?? "alive";
  }

  /** Every path is as good as new, and every host there and quick. */
  heal(): void {
    this.paths.clear();
    this.healHosts();
  }

  healHosts(): void {
    for (const key of [...this.paths.keys()]) if (!key.endsWith(" ")) this.paths.delete(key);
    for (const { address } of this.all)
      this.setHost(address, { alive: true, answersEcho: true, delayMs: 1, loss: 0, limitPerSecond: 0 });
  }

  /** The host, if a question that leaves at `nowMs` gets to it, and is one that it answers. */
  asked(index: number, address: string, nowMs: number, method: ProbeMethod = "echo"): SegmentHost | undefined {
    const host = this.hosts.get(address);
    if (host?.alive !== true || (method === "echo" && !host.answersEcho)) return undefined;
    const arrives = this.states(index, address).every((state) => state !== "dead" && state !== "mute");
    if (!arrives || this.uniform() < host.loss) return undefined;
    return method === "arp" || this.mayAnswer(host, nowMs) ? host : undefined;
  }

  /** A bucket of answers, filled up at the rate of the limit. */
  private mayAnswer({ address, limitPerSecond, burst }: SegmentHost, nowMs: number): boolean {
    if (limitPerSecond === 0) return true;
    const { count, atMs } = this.left.get(address) ?? { count: burst, atMs: nowMs };
    const filled = Math.min(burst, count + ((nowMs - atMs) * limitPerSecond) / 1000);
    this.left.set(address, { count: filled >= 1 ? filled - 1 : filled, atMs: nowMs });
    return filled >= 1;
  }

  /** Those who answer a question to all hosts that leaves at `nowMs`. */
  askedAll(index: number, family: Family, nowMs: number): SegmentHost[] {
    const listening = this.all.filter((host) => host.family === family && host.answersMulticast);
    return listening.map(({ address }) => this.asked(index, address, nowMs)).filter((host) => host !== undefined);
  }

  /** What becomes of an answer that should arrive now? */
  answerBack(index: number, address: string): "arrives" | "held" | "lost" {
    const states = this.states(index, address);
    if (states.some((state) => state === "dead" || state === "deaf")) return "lost";
    return states.includes("held") ? "held" : "arrives";
  }

  private states(index: number, address: string): PathState[] {
    return ["", address].map((key) => this.paths.get(`${index} ${key}`) ?? "alive");
  }
}
