/**
 * The probing thread in simulated time: carries a plan out on a segment, and reports what became of each probe. It dies with
 * the daemon. Sequence numbers go on where an index and family stopped, also when they leave the plan for a while.
 */
import type { ProbePlan } from "../../src/core/actions.ts";
import type { ProbeResult } from "../../src/core/probing/results.ts";
import { SimulatedProbedInstance, type UnansweredProbe } from "./simulated-probed-instance.ts";
import type { SimulatedSegment } from "./simulated-segment.ts";

/** What a probe needs of the host to leave, and its answer to come in. */
export interface ProbingHost {
  /** The rest of the network. */
  readonly peer: {
    /** Does what is sent to this address arrive at the link of that index, as far as is known there? */
    believes(address: string, index: number): boolean;
  };
  readonly nowMs: number;
  readonly links: readonly { readonly index: number; readonly adminUp: boolean; readonly carrier: boolean }[];
  readonly addresses: {
    on(index: number): readonly { readonly address: string; readonly tentative: boolean }[];
  };
  readonly settings: { of(index: number): Readonly<Record<string, string>> };
  readonly routing: {
    /** Does any unicast route lead to this IPv4 address? */
    leadsTo(address: string): boolean;
  };
}

interface Reply {
  readonly instance: SimulatedProbedInstance;
  readonly atMs: number;
  readonly from: string;
  /** What to report once it is in. */
  readonly result: (atMs: number) => ProbeResult;
}

export class SimulatedProber {
  /** Off: every probe leaves exactly on its grid. */
  jitter = true;
  private readonly instances = new Map<string, SimulatedProbedInstance>();
  private readonly sequences = new Map<string, number>();
  private results: ProbeResult[] = [];
  private replies: Reply[] = [];
  private held: Reply[] = [];
  private stalledUntilMs = 0;
  private refusedUntilMs = 0;
  private readonly host: ProbingHost;
  private readonly segment: SimulatedSegment;
  private readonly uniform: () => number;

  /** `uniform` gives numbers in [0, 1). */
  constructor(host: ProbingHost, segment: SimulatedSegment, uniform: () => number) {
    this.host = host;
    this.segment = segment;
    this.uniform = uniform;
  }

  /** The plan in force, in its order. */
  get plans(): readonly ProbePlan[] {
    return [...this.instances.values()].map((instance) => instance.plan);
  }

  /** When something next happens, or undefined. */
  get nextAtMs(): number | undefined {
    const moments = [...this.instances.values()].map((instance) => instance.nextAtMs);
    for (const { atMs } of this.replies) moments.push(atMs);
    return moments.length === 0 ? undefined : Math.max(Math.min(...moments), this.stalledUntilMs);
  }

  /** Replaces the plan by what differs: who stays with the same method and source goes on undisturbed. */
  setPlan(plans: readonly ProbePlan[]): void {
    const before = new Map(this.instances);
    this.instances.clear();
    for (const plan of plans) {
      const known = before.get(keyOf(plan));
      if (known?.plan.source === plan.source && known.plan.method === plan.method) known.adopt(plan, this.host.nowMs);
      const goesOn = known?.plan === plan ? known : undefined;
      this.instances.set(keyOf(plan), goesOn ?? this.start(plan));
    }
    this.forgetRepliesToGone();
  }

  /** The daemon died, and its thread and sockets with it. */
  reset(): void {
    this.instances.clear();
    this.sequences.clear();
    this.results = [];
    this.forgetRepliesToGone();
    this.stalledUntilMs = 0;
  }

  /** It is not scheduled for so long; what arrives meanwhile waits in its sockets. */
  stall(milliseconds: number): void {
    this.stalledUntilMs = this.host.nowMs + milliseconds;
  }

  /** For so long the kernel has no room for what it is to send. */
  refuseSends(milliseconds: number): void {
    this.refusedUntilMs = this.host.nowMs + milliseconds;
  }

  /** Answers that the network held back arrive, however late. */
  releaseHeld(): void {
    const atMs = this.host.nowMs;
    this.replies.push(...this.held.splice(0).map((reply) => ({ ...reply, atMs })));
  }

  /** Up to `count` of the oldest results, as one batch. */
  takeResults(count = Number.POSITIVE_INFINITY): readonly ProbeResult[] {
    return this.results.splice(0, count);
  }

  /** Does what is due by now. The sockets are read before anything is judged lost. */
  advance(): void {
    if (this.host.nowMs < this.stalledUntilMs) return;
    this.readSockets();
    for (const instance of this.instances.values()) if (instance.nextAtMs <= this.host.nowMs) this.fire(instance);
  }

  private start(plan: ProbePlan): SimulatedProbedInstance {
    return new SimulatedProbedInstance(plan, this.host.nowMs, () => (this.jitter ? 0.5 + this.uniform() / 2 : 0));
  }

  private readSockets(): void {
    const due = this.replies.filter((reply) => reply.atMs <= this.host.nowMs);
    if (due.length === 0) return;
    this.replies = this.replies.filter((reply) => reply.atMs > this.host.nowMs);
    for (const reply of due.sort((a, b) => a.atMs - b.atMs)) this.receive(reply);
  }

  private receive(reply: Reply): void {
    const { plan } = reply.instance;
    const { index } = plan;
    const arrival = this.segment.answerBack(index, reply.from);
    // Its socket is bound to the link: what comes in by another one it never sees. An ARP reply goes to who has asked.
    if (plan.method === "echo" && !this.host.peer.believes(plan.source, index)) return;
    if (arrival === "held") this.held.push(reply);
    if (arrival !== "arrives" || !this.hasCarrier(index) || this.isFiltered(plan, reply.from)) return;
    const result = reply.result(reply.atMs);
    this.results.push(result);
    if (result.kind !== "answered") return;
    const { instance } = reply;
    instance.unanswered = instance.unanswered.filter((probe) => probe.sequence !== result.sequence);
  }

  /** The reverse path filter, a loose one: what came from where no route leads is dropped. ARP and IPv6 know no such thing. */
  private isFiltered({ index, family, method }: ProbePlan, from: string): boolean {
    if (family === 6 || method === "arp" || this.host.settings.of(index)["ipv4.rp_filter"] === "0") return false;
    return !this.host.routing.leadsTo(from);
  }

  private fire(instance: SimulatedProbedInstance): void {
    const steps = instance.takeSteps(this.host.nowMs);
    steps.forEach(({ dueAtMs, counted }, at) => {
      const missed = at < steps.length - 1;
      if (counted) this.count(instance, missed ? dueAtMs : this.host.nowMs, missed);
      else if (!missed) this.measure(instance);
    });
    if (instance.plan.discover) this.discover(instance);
  }

  /** The moment of a counted probe: judges the last ones, then sends it, unless it was missed. */
  private count(instance: SimulatedProbedInstance, sentAt: number, missed: boolean): void {
    const { index, family } = instance.plan;
    for (const { timeoutMs: _, ...probe } of instance.takeLost(this.host.nowMs))
      this.results.push({ kind: "lost", index, family, ...probe });
    const target = instance.nextTarget();
    if (target === undefined) return;
    const { address, timeoutMs } = target;
    const probe = { sequence: this.nextSequence(instance.plan), target: address, sentAt };
    const refusal = missed ? undefined : this.refusal(instance.plan);
    if (missed) this.results.push({ kind: "unsent", index, family, ...probe });
    else if (refusal !== undefined) this.results.push({ kind: "refused", index, family, ...probe, ...refusal });
    else this.send(instance, { ...probe, timeoutMs });
  }

  private send(instance: SimulatedProbedInstance, probe: UnansweredProbe): void {
    instance.unanswered = [...instance.unanswered, probe];
    const { index, family } = instance.plan;
    const { sequence, target, sentAt } = probe;
    this.ask(instance, target, (atMs) => {
      const roundTripMs = atMs - sentAt;
      return { kind: "answered", index, family, sequence, target, sentAt, from: target, roundTripMs, handledAt: atMs };
    });
  }

  private measure(instance: SimulatedProbedInstance): void {
    const target = instance.nextMeasured()?.address;
    if (target === undefined || this.refusal(instance.plan) !== undefined) return;
    const { index, family } = instance.plan;
    const sentAt = this.host.nowMs;
    this.ask(instance, target, (atMs) => ({ kind: "measured", index, family, target, roundTripMs: atMs - sentAt }));
  }

  private discover(instance: SimulatedProbedInstance): void {
    const { index, family } = instance.plan;
    if (this.refusal(instance.plan) !== undefined || !this.hasCarrier(index)) return;
    for (const { address: from, delayMs } of this.segment.askedAll(index, family, this.host.nowMs))
      this.replies.push({
        ...{ instance, from, atMs: this.host.nowMs + delayMs },
        result: () => ({ kind: "discovered", index, family, from }),
      });
  }

  private ask(instance: SimulatedProbedInstance, target: string, result: Reply["result"]): void {
    const { index, method } = instance.plan;
    const answering = this.hasCarrier(index) ? this.segment.asked(index, target, this.host.nowMs, method) : undefined;
    if (answering === undefined) return;
    this.replies.push({ instance, from: target, atMs: this.host.nowMs + answering.delayMs, result });
  }

  /** A link without carrier swallows what it is given; the kernel refuses only what it can not send at all. */
  private refusal({ index, source, method }: ProbePlan): { code: string; text: string } | undefined {
    const link = this.host.links.find((candidate) => candidate.index === index);
    if (link === undefined) return { code: "ENODEV", text: "no such device" };
    if (this.host.nowMs < this.refusedUntilMs) return { code: "ENOBUFS", text: "no buffer space available" };
    if (!link.adminUp) return { code: "ENETDOWN", text: "network is down" };
    if (method === "arp") return undefined;
    const usable = this.host.addresses.on(index).some((held) => held.address === source && !held.tentative);
    return usable ? undefined : { code: "EADDRNOTAVAIL", text: "cannot assign requested address" };
  }

  private hasCarrier(index: number): boolean {
    return this.host.links.some((link) => link.index === index && link.adminUp && link.carrier);
  }

  private nextSequence(plan: ProbePlan): number {
    const sequence = (this.sequences.get(keyOf(plan)) ?? 0) + 1;
    this.sequences.set(keyOf(plan), sequence);
    return sequence;
  }

  private forgetRepliesToGone(): void {
    const present = new Set(this.instances.values());
    this.replies = this.replies.filter(({ instance }) => present.has(instance));
    this.held = this.held.filter(({ instance }) => present.has(instance));
  }
}

function keyOf({ index, family }: Pick<ProbePlan, "index" | "family">): string {
  return `${index} ${family}`;
}
