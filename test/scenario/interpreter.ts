/**
 * The commands of the transcripts, carried out on a simulated kernel and daemon; the table `commands` lists them all.
 * Groups are configured in the words of `simulated-configuration.ts`, one indented line each. A time in brackets heads
 * what happens later than the command itself; `#N` is the N-th next-hop id of ours; `=> ERRNO` follows a refused request.
 */
import type { KernelRequest } from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_NEXT_HOP_IDS } from "../../src/core/kernel-state/kernel-objects.ts";
import { addressPrefix, parseConfiguration } from "../support/simulated-configuration.ts";
import { SimulatedDaemon } from "../support/simulated-daemon.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import { errnoName } from "../support/simulated-outcomes.ts";
import type { Interpreter } from "../support/transcript.ts";
import { describeAction, describeKernel, describeSnapshot } from "./describe.ts";

const STRANGERS_PROTOCOL = 4;
const DETECTION_MS = 1_000;

type Command = (words: readonly string[], lines: readonly string[]) => readonly string[] | undefined;

/** A fresh world for one file. */
export function makeInterpreter(): Interpreter {
  const scenario = new Scenario();
  return (input) => scenario.run(input);
}

class Scenario {
  private readonly kernel = new SimulatedKernel({ kinds: ["dummy"], duplicateDetectionMs: () => DETECTION_MS });
  private readonly output: string[] = [];
  private readonly daemon = new SimulatedDaemon(this.kernel, {
    action: (action, outcomes) => this.note(describeAction(this.kernel, action, outcomes)),
    killed: () => this.note(["(the daemon dies and comes back)"]),
  });
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

  private note(lines: readonly string[]): void {
    if (this.kernel.nowMs !== this.notedAtMs) this.output.push(`[${this.kernel.nowMs / 1000} s]`);
    this.notedAtMs = this.kernel.nowMs;
    this.output.push(...lines);
  }

  private readonly commands: Readonly<Record<string, Command>> = {
    nics: (names) => this.each(names, (name) => this.kernel.plugIn(name)),
    configure: (_, lines) => void this.daemon.configure(parseConfiguration(lines)),
    release: () => void this.daemon.configure({ groups: [] }),
    link: ([name = "", state]) => void this.kernel.setCable(name, state === "up"),
    links: (words) => this.each(words.slice(0, -1), (name) => this.kernel.setCable(name, words.at(-1) === "up")),
    admin: ([name = "", state]) => void this.kernel.setAdminUp(name, state === "up"),
    remove: (names) => this.each(names, (name) => this.kernel.unplug(name)),
    create: (names) => this.each(names, (name) => this.kernel.plugIn(name)),
    rename: ([name = "", newName = ""]) => void this.kernel.rename(name, newName),
    advance: ([duration = ""]) => void this.daemon.advance(Number.parseFloat(duration) * 1000),
    refuse: ([op = "", , code = ""]) => void this.refuseNext(op, code),
    lose: () => void this.kernel.takeNotices(),
    overrun: () => this.overrun(),
    restart: () => void this.daemon.restart(),
    kill: ([, count = ""]) => void this.daemon.restartAfter(Number(count)),
    stranger: ([deed = "", ...words]) => this.stranger(deed, words),
    show: () => describeSnapshot(this.daemon.machine.snapshot()),
    kernel: () => describeKernel(this.kernel),
    peer: (addresses) => addresses.map((address) => this.reachability(address)),
  };

  private each(names: readonly string[], act: (name: string) => void): undefined {
    for (const name of names) act(name);
  }

  /** `refuse OP with ERRNO`: the next request of that kind. */
  private refuseNext(op: string, code: string): void {
    const errno = errnoName(code);
    this.kernel.refuse = (request: KernelRequest) => {
      if (request.op !== op) return undefined;
      this.kernel.refuse = () => undefined;
      return errno;
    };
  }

  /** What the socket held is gone, and the kernel says so. */
  private overrun(): undefined {
    this.kernel.takeNotices();
    this.daemon.step({ type: "overrun" });
  }

  /** `stranger adds|deletes address A/LEN LINK`, `stranger deletes link NAME`, `stranger takes next-hop N LINK`, ... */
  private stranger(deed: string, [kind, text = "", name = ""]: readonly string[]): undefined {
    const index = this.kernel.link(name)?.index ?? 0;
    if (kind === "link") this.kernel.unplug(text);
    else if (kind === "address") this.strangersAddress(deed, text, index);
    else if (kind === "next-hop") this.strangersNextHop(deed, OUR_NEXT_HOP_IDS.first + Number(text), index);
    else if (kind === "route") this.strangersRoute(deed, text, index);
    else throw new Error(`a stranger can not do ${deed} ${kind}`);
  }

  private strangersAddress(deed: string, text: string, index: number): void {
    const { family, address, prefixLength } = addressPrefix(text);
    const held = this.kernel.addresses.on(index).find((candidate) => candidate.address === address);
    const form = { index, family, address, prefixLength };
    if (deed === "deletes") this.kernel.addresses.remove(form, held?.protocol ?? 0);
    else this.kernel.addresses.set({ ...form, scope: "universe", protocol: 0, tentative: false, deprecated: false });
  }

  private strangersNextHop(deed: string, id: number, index: number): void {
    const protocol = this.kernel.routing.nextHops.get(id)?.protocol ?? STRANGERS_PROTOCOL;
    if (deed === "deletes") this.kernel.routing.removeNextHop(id, protocol);
    else this.kernel.routing.setNextHop({ id, index, protocol, gateway: "", group: [] });
  }

  /** Deletes every route to that destination, or adds one of its own. */
  private strangersRoute(deed: string, destination: string, index: number): void {
    const present = this.kernel.routing.routes.filter((route) => route.destination === destination);
    if (deed === "deletes") for (const route of present) this.kernel.routing.removeRoute(route);
    else
      this.kernel.routing.setRoute(
        {
          ...{ family: destination.includes(":") ? 6 : 4, destination, table: 254, metric: 0, type: "unicast" },
          ...{ scope: "link", protocol: STRANGERS_PROTOCOL, nextHopId: 0, index, source: "" },
        },
        true,
      );
  }

  private reachability(address: string): string {
    const reached = this.kernel.peer.reaches(address.includes(":") ? 6 : 4, address);
    return `${address} is ${reached ? "reached" : "NOT reached"}`;
  }
}
