/**
 * The commands of the transcripts, carried out on a simulated kernel, network and daemon. Groups are configured in the words of
 * `simulated-configuration.ts`, one indented line each. A time in brackets heads what happens later than the command itself;
 * `#N` is the N-th next-hop id of ours; `=> ERRNO` follows a refused request; `answer: ...` is what an administrator is told when
 * all that he asked for is done. The probes themselves are not shown: a line
 * `probe ...` tells of a change in who is probed, how often and by whom.
 *
 * Links: `nics NAMES` `create NAMES` `remove NAMES` `link NAME up|down` `links NAMES up|down` `admin NAME up|down` `port NAME closed|open` (802.1X)
 *   `rename OLD NEW` `without-ipv6` (so was the kernel booted)
 *   `mac NAME = OTHER|ADDRESS` (takes over the address of another, or has that one) `trait NAME TRAIT yes|no` (multicast,
 *   pointToPoint, noArp, carrierReported) `enslave NAME BRIDGE|none` `mtu NAME N` `stack NAME LOWER` (a VLAN or macvlan on that card: what the
 *   kernel tells it of the card is a `link NAME ...` of its own, later) `stranger ...` (see stranger.ts)
 * Daemon: `configure` `release` `restart` `kill after N actions` `offline NAME [keeping N]` `online NAME` `refuse OP with ERRNO [N]`
 *   `lose` (the notices that wait) `overrun` `advance 10s`
 * Network: see network-commands.ts: `host` `dies` `returns` `path` `late-answers` `stall` `jitter` `spurious`
 * Looking: `show` `targets` `plan` `history NAME` `memory` `kernel` `peer ADDRESSES`; `quietly COMMAND` shows nothing of what it sets
 *   off, `briefly COMMAND` only what is said, answered, and whom to probe.
 */
import type { KernelRequest } from "../../src/core/kernel-state/kernel-objects.ts";
import { Random } from "../support/random.ts";
import { durationMs, NOTHING_CONFIGURED, parseConfiguration } from "../support/simulated-configuration.ts";
import { SimulatedDaemon } from "../support/simulated-daemon.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import { errnoName } from "../support/simulated-outcomes.ts";
import type { Interpreter } from "../support/transcript.ts";
import { describeAction, describeKernel } from "./describe.ts";
import { describePlans, describeTargets } from "./describe-probing.ts";
import { describeHistory, describeMemory, describeSnapshot } from "./describe-snapshot.ts";
import { type Command, networkCommands } from "./network-commands.ts";
import { Stranger } from "./stranger.ts";

const DETECTION_MS = 1_000;
/** Lines of the log, answers to administrators, changes in who is probed; and the death of the daemon. */
const ESSENTIAL = /^(error|warning|info|answer|probe|\()/;
/** One and the same chance in every run. */
const SEED = 1;

/** A fresh world for one file. */
export function makeInterpreter(): Interpreter {
  const scenario = new Scenario();
  return (input) => scenario.run(input);
}

class Scenario {
  private readonly random = new Random(SEED);
  private readonly kernel = new SimulatedKernel({ kinds: ["dummy"], duplicateDetectionMs: () => DETECTION_MS });
  private readonly stranger = new Stranger(this.kernel);
  private readonly output: string[] = [];
  private readonly daemon: SimulatedDaemon = new SimulatedDaemon(
    this.kernel,
    {
      action: (action, outcomes) => this.note(describeAction(this.kernel, action, outcomes, this.daemon.prober.plans)),
      killed: () => this.note(["(the daemon dies and comes back)"]),
    },
    { uniform: () => this.random.next() },
  );
  private notedAtMs = 0;

  /** Indented lines belong to the command above them. What a block sets off happens after its last command. */
  run(input: readonly string[]): readonly string[] {
    this.notedAtMs = this.kernel.nowMs;
    const shown: string[] = [];
    input.forEach((line, at) => {
      if (/^\s/.test(line)) return;
      const after = input.slice(at + 1);
      const end = after.findIndex((next) => !/^\s/.test(next));
      shown.push(...this.carryOut(line, after.slice(0, end < 0 ? undefined : end)));
    });
    this.daemon.settle();
    const problems = this.kernel.violations.splice(0).map((text) => `VIOLATION: ${text}`);
    return [...this.output.splice(0), ...shown, ...problems];
  }

  /** `quietly COMMAND`: what it sets off is not this transcript's story. */
  private carryOut(line: string, belonging: readonly string[]): readonly string[] {
    const [verb = "", ...words] = line.split(/\s+/);
    if (verb === "quietly") return this.hushed(line.slice(verb.length + 1), belonging);
    if (verb === "briefly") return this.abridged(line.slice(verb.length + 1), belonging);
    const command = this.commands[verb];
    if (command === undefined)
      throw new Error(`no command ${verb}; there are ${Object.keys(this.commands).join(", ")}`);
    return command(words, belonging) ?? [];
  }

  private hushed(line: string, belonging: readonly string[]): readonly string[] {
    this.carryOut(line, belonging);
    this.daemon.settle();
    this.output.length = 0;
    return [];
  }

  /** What is done to the kernel is left out, and moments at which nothing else happens. */
  private abridged(line: string, belonging: readonly string[]): readonly string[] {
    const before = this.output.length;
    const shown = this.carryOut(line, belonging);
    this.daemon.settle();
    const told = this.output.splice(before).filter((text) => isTime(text) || ESSENTIAL.test(text));
    this.output.push(...told.filter((text, at) => !isTime(text) || ESSENTIAL.test(told[at + 1] ?? "")));
    return shown;
  }

  private note(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.kernel.nowMs !== this.notedAtMs) this.output.push(`[${this.kernel.nowMs / 1000} s]`);
    this.notedAtMs = this.kernel.nowMs;
    this.output.push(...lines);
  }

  private readonly commands: Readonly<Record<string, Command>> = {
    ...networkCommands(this.kernel, this.daemon),
    nics: (names) => this.each(names, (name) => this.kernel.plugIn(name)),
    configure: (_, lines) => void this.daemon.configure(parseConfiguration(lines)),
    release: () => void this.daemon.configure(NOTHING_CONFIGURED),
    link: ([name = "", state]) => void this.kernel.setCable(name, state === "up"),
    links: (words) => this.each(words.slice(0, -1), (name) => this.kernel.setCable(name, words.at(-1) === "up")),
    admin: ([name = "", state]) => void this.kernel.setAdminUp(name, state === "up"),
    remove: (names) => this.each(names, (name) => this.kernel.unplug(name)),
    create: (names) => this.each(names, (name) => this.kernel.plugIn(name)),
    port: ([name = "", state]) => void this.kernel.setDormant(name, state === "closed"),
    rename: ([name = "", newName = ""]) => void this.kernel.rename(name, newName),
    mac: ([name = "", , source = ""]) => {
      const hardwareAddress = this.kernel.link(source)?.hardwareAddress ?? source;
      this.kernel.change(name, { hardwareAddress });
    },
    trait: ([name = "", trait = "", word]) => void this.kernel.change(name, { [trait]: word === "yes" }),
    stack: ([name = "", lower = ""]) => void this.kernel.change(name, { lower: this.kernel.link(lower)?.index ?? 0 }),
    kind: ([name = "", kind = ""]) => void this.kernel.change(name, { kind }),
    enslave: ([name = "", to = ""]) => void this.kernel.change(name, { master: this.kernel.link(to)?.index ?? 0 }),
    advance: ([duration = ""]) => void this.daemon.advance(durationMs(duration)),
    mtu: ([name = "", octets = ""]) => void this.kernel.setMtu(name, Number(octets)),
    "without-ipv6": () => {
      this.kernel.hasIpv6 = false;
      return undefined;
    },
    refuse: ([op = "", , code = "", times = "1"]) => void this.refuseNext(op, code, Number(times)),
    lose: () => void this.kernel.takeNotices(),
    overrun: () => this.overrun(),
    restart: () => void this.daemon.restart(),
    kill: ([, count = ""]) => void this.daemon.restartAfter(Number(count)),
    offline: ([name = "", , minimum = "1"]) =>
      void this.daemon.request({ op: "offline", interface: name, minimumRedundancy: Number(minimum) }),
    online: ([name = ""]) => void this.daemon.request({ op: "online", interface: name }),
    stranger: (words) => void this.stranger.act(words),
    show: () => describeSnapshot(this.daemon.snapshot()),
    targets: () => describeTargets(this.daemon.snapshot()),
    plan: () => describePlans(this.kernel, this.daemon.prober.plans),
    history: ([name = ""]) => describeHistory(this.daemon.snapshot(), name),
    memory: () => describeMemory(this.daemon.memory),
    kernel: () => describeKernel(this.kernel),
    peer: (addresses) => addresses.map((address) => this.reachability(address)),
  };

  private each(names: readonly string[], act: (name: string) => void): undefined {
    for (const name of names) act(name);
  }

  /** `refuse OP with ERRNO N`: the next N requests of that kind. */
  private refuseNext(op: string, code: string, times: number): void {
    const errno = errnoName(code);
    let left = times;
    this.kernel.refuse = (request: KernelRequest) => (request.op === op && left-- > 0 ? errno : undefined);
  }

  /** What the socket held is gone, and the kernel says so. */
  private overrun(): undefined {
    this.kernel.takeNotices();
    this.daemon.step({ type: "overrun" });
  }

  private reachability(address: string): string {
    const reached = this.kernel.peer.reaches(address.includes(":") ? 6 : 4, address);
    return `${address} is ${reached ? "reached" : "NOT reached"}`;
  }
}

function isTime(line: string): boolean {
  return line.startsWith("[");
}
