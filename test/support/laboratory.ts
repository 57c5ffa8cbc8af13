/**
 * A small network in namespaces, with hands to pull its cables. Lives inside a sandbox (see sandbox.ts), one at a time.
 * See laboratory-plan.ts for the drawing.
 */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { IpmpError } from "../../src/core/errors.ts";
import { LabTool } from "./lab-tool.ts";
import {
  cableEnd,
  cableEnds,
  cardLines,
  type LaboratoryOptions,
  type Namespace,
  namespacesOf,
  nicNames,
  planOf,
  portLine,
  portOf,
  type SysctlValue,
  vethLine,
  type WireKind,
} from "./laboratory-plan.ts";
import { type Direction, lost, noTable, type PortRules, portTable } from "./port-rules.ts";
import { type Outcome, ProcessKeeper, type RunOptions, run } from "./processes.ts";
import { inSandbox } from "./sandbox.ts";
import { waitFor } from "./wait-for.ts";

export { ADDRESSES, type LaboratoryOptions, type Namespace, type WireKind } from "./laboratory-plan.ts";

/** In percent of the frames, and in milliseconds; see native/lab/wire.cc. */
export interface Impairments {
  readonly loss?: number;
  readonly duplicate?: number;
  /** Their last octet is wrong. */
  readonly corrupt?: number;
  readonly delay?: number;
  /** Some overtake others. */
  readonly jitter?: number;
}

/** Of a switch port, as `bridge link set` numbers them: a disabled one takes and gives no frames, and its link is up. */
const PORT_STATE = { disabled: 0, forwarding: 3 } as const;

const DEFAULTS: LaboratoryOptions = {
  nics: 3,
  wire: "veth",
  peer: false,
  duplicateAddressDetection: true,
  nameEnd: "",
  stacked: false,
  host: { settings: [], lines: [] },
};

/** The clock of all stamps here, in nanoseconds: CLOCK_MONOTONIC, as in the tools. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

/** Why cables of this kind can not be made here, or undefined. */
export function wireRefusal(wire: WireKind): string | undefined {
  if (wire === "veth") return undefined;
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return `tap cables need /dev/net/tun readable and writable (${(error as NodeJS.ErrnoException).code})`;
  }
}

export class Laboratory {
  readonly options: LaboratoryOptions;
  /** Private folder for files of this laboratory; gone when it closes. */
  readonly directory: string;
  readonly #keeper = new ProcessKeeper();
  /** Ends of cables whose ports have, or had, rules: without any nothing of nftables is needed here. */
  readonly #filtered = new Set<string>();
  #cables: LabTool | undefined;
  #closed = false;

  private constructor(options: LaboratoryOptions) {
    this.options = options;
    this.directory = mkdtempSync("/run/laboratory-");
  }

  /** Builds everything and returns when every port of the switch forwards. */
  static async create(wanted: Partial<LaboratoryOptions> = {}): Promise<Laboratory> {
    if (!inSandbox()) {
      throw new IpmpError("NOT_IN_SANDBOX", "a laboratory is made only inside scripts/sandbox.sh (see enterSandbox)");
    }
    const laboratory = new Laboratory({ ...DEFAULTS, ...wanted });
    try {
      await laboratory.#build();
    } catch (error) {
      await laboratory.close();
      throw error;
    }
    return laboratory;
  }

  /** Names of the host's cards, as made. */
  get nics(): readonly string[] {
    return nicNames(this.options);
  }

  /** Takes the cable out of a card (named as made, whatever its name is now). Returns when, in monotonic ns. */
  pull(nic: string): Promise<number> {
    return this.#cable("down", nic);
  }

  /** Puts the cable back. Returns when, in monotonic ns. */
  plug(nic: string): Promise<number> {
    return this.#cable("up", nic);
  }

  /**
   * Frames vanish, of both directions or of one, and the link stays up. One of both directions ends with the next `plug` where
   * cables are veth pairs; rules (`filter`) do not. Returns when, in monotonic ns.
   */
  blackhole(nic: string, direction?: Direction): Promise<number> {
    if (this.options.wire === "tap") return this.#cable("blackhole", nic, direction);
    return direction === undefined
      ? this.#setPort(nic, PORT_STATE.disabled)
      : this.filter(nic, { [direction]: [lost()] });
  }

  /**
   * Puts these rules at the switch ports of cards or neighbours, in the place of those before, at all ports in the same moment.
   * Returns when, in monotonic ns.
   */
  filter(ends: string | readonly string[], rules: PortRules): Promise<number> {
    for (const end of [ends].flat()) this.#filtered.add(end);
    return this.#nft(
      [ends]
        .flat()
        .map((end) => portTable(portOf(end), rules))
        .join(""),
    );
  }

  /** Ends the rules at these ports. */
  unfilter(ends: string | readonly string[]): Promise<number> {
    return this.#nft(
      [ends]
        .flat()
        .map((end) => noTable(portOf(end)))
        .join(""),
    );
  }

  /** What frames of both directions suffer on the cable (tap only), besides what they suffered before. */
  async impair(nic: string, impairments: Impairments): Promise<void> {
    for (const [what, amount] of Object.entries(impairments)) await this.#cable(what, nic, String(amount));
  }

  /** Ends black holes, rules and impairments of a card. Returns when, in monotonic ns. */
  async heal(nic: string): Promise<number> {
    if (this.#filtered.has(nic)) await this.unfilter(nic);
    return this.options.wire === "tap" ? this.#cable("heal", nic) : this.#setPort(nic, PORT_STATE.forwarding);
  }

  async adminDown(nic: string): Promise<void> {
    await this.ip("host", [`link set ${nic} down`]);
  }

  async adminUp(nic: string): Promise<void> {
    await this.ip("host", [`link set ${nic} up`]);
  }

  /** Takes a card out of the machine: its interface is gone. Returns when, in monotonic ns. */
  async removeNic(nic: string): Promise<number> {
    const when = monotonicNs();
    if (this.options.wire === "tap") await this.#cable("remove", nic);
    else await this.ip("host", [`link delete ${nic}`]);
    return when;
  }

  /** Puts a card of the same name and hardware address in; it has a new interface index. */
  async recreateNic(nic: string): Promise<void> {
    if (this.options.wire === "tap") await this.#cable("create", nic);
    else await this.ip("switch", [vethLine(nic), portLine(portOf(nic))]);
    await this.ip("host", cardLines(nic));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.ip("host", [`link set ${from} name ${to}`]);
  }

  /** Opens the one-second window in which the kernel holds link events back (tap only). Returns when it began. */
  async openLinkEventWindow(): Promise<number> {
    return this.#ask("flap");
  }

  /** Carries out `ip` lines in a namespace, in order, by one process. */
  async ip(namespace: Namespace, lines: readonly string[]): Promise<void> {
    await run(["ip", "-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  /** What `ip -json` shows, e.g. `ipJson("host", "-details", "link")`. */
  async ipJson<Entry = Record<string, unknown>>(namespace: Namespace, ...words: string[]): Promise<Entry[]> {
    const { stdout } = await run(["ip", "-json", "-n", namespace, ...words]);
    return stdout.trim() === "" ? [] : (JSON.parse(stdout) as Entry[]);
  }

  /** Runs a program inside a namespace, with that namespace's /sys, to its end. */
  run(namespace: Namespace, words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(["ip", "netns", "exec", namespace, ...words], options);
  }

  /** Starts a program inside a namespace; `close` ends it. Its process id is that of the program itself. */
  spawn(namespace: Namespace, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return this.#keeper.start(["ip", "netns", "exec", namespace, ...words], options);
  }

  /** Starts one of native/lab; `close` ends it. */
  tool(name: string, words: readonly string[]): LabTool {
    return new LabTool(this.#keeper, name, words);
  }

  /** Ends all processes and takes everything down. Harmless when repeated. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#keeper.endAll();
    const lines = namespacesOf(this.options).map((name) => `netns delete ${name}`);
    // What failed to be made can not be deleted: after a broken start that is no news.
    await run(["ip", "-force", "-batch", "-"], { input: `${lines.join("\n")}\n`, anyStatus: true });
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #build(): Promise<void> {
    const namespaces = namespacesOf(this.options);
    const lines = namespaces.map((name) => `netns add ${name}`);
    await run(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
    await Promise.all(namespaces.map((name) => this.#set(name, planOf(name, this.options).settings)));
    await this.ip("host", ["link set lo up", ...this.options.host.lines]);
    if (this.options.wire === "tap") await this.#startCables();
    // The links of the switch and of the router have their other ends with the others, who come after them.
    for (const round of [["switch"], ["router"], namespaces.filter((name) => name !== "switch" && name !== "router")]) {
      await Promise.all((round as Namespace[]).map((name) => this.ip(name, planOf(name, this.options).lines)));
    }
    if (this.options.wire === "veth") await this.#startCables();
    await this.#untilForwarding();
  }

  async #set(namespace: Namespace, settings: readonly SysctlValue[]): Promise<void> {
    if (settings.length === 0) return;
    const input = settings.map(([path, value]) => `echo ${value} >/proc/sys/net/${path}\n`).join("");
    await this.run(namespace, ["sh", "-e"], { input });
  }

  async #startCables(): Promise<void> {
    const pairs = cableEnds(this.options).map((nic) => `${nic}=${portOf(nic)}`);
    this.#cables = this.tool("lab_wire", [this.options.wire, "host", "switch", ...pairs]);
    await this.#cables.line();
  }

  #untilForwarding(): Promise<unknown> {
    type Port = { ifname: string; state: string };
    const look = async () =>
      JSON.parse((await run(["bridge", "-json", "-n", "switch", "link"])).stdout) as readonly Port[];
    const expected = this.nics.length + (this.options.peer ? 2 : 1);
    return waitFor("every port of the switch to forward", look, (ports) => {
      return ports.filter((port) => port.state === "forwarding").length === expected;
    });
  }

  async #setPort(nic: string, state: number): Promise<number> {
    const when = monotonicNs();
    await run(["bridge", "-n", "switch", "link", "set", "dev", portOf(nic), "state", String(state)]);
    return when;
  }

  async #nft(input: string): Promise<number> {
    const when = monotonicNs();
    await this.run("switch", ["nft", "-f", "-"], { input });
    return when;
  }

  async #cable(verb: string, nic: string, value = ""): Promise<number> {
    if (!this.nics.includes(nic)) {
      throw new IpmpError("NO_SUCH_CARD", `there is no card ${nic} here; there are ${this.nics.join(", ")}`);
    }
    return this.#ask(`${verb} ${cableEnd(nic, this.options)} ${value}`.trim());
  }

  async #ask(command: string): Promise<number> {
    const answer = (await this.#cables?.ask(command)) ?? "error the cables are not there yet";
    const [word, when] = answer.split(" ");
    if (word === "ok") return Number(when);
    throw new IpmpError("CABLE_REFUSED", `${command}: ${answer}`);
  }
}
