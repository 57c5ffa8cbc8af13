/**
 * Machines with a bug planted into them, for the canary test: a simulation that lets one of these live has lost its
 * teeth. Each wraps a real machine and spoils what goes in or comes out.
 */
import type { Action, ProbePlan, RequestRefusal, StepResult } from "../../src/core/actions.ts";
import type { GroupConfiguration } from "../../src/core/configuration.ts";
import type { MachineEvent } from "../../src/core/events.ts";
import type {
  KernelNotice,
  KernelOutcome,
  KernelPicture,
  KernelRequest,
  Link,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import { IPV6_DISABLED } from "../../src/core/kernel-state/settings.ts";
import { Machine } from "../../src/core/machine.ts";
import type { ProbeResult } from "../../src/core/probing/results.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import type { MachineLike } from "../support/simulated-daemon.ts";
import { hardwareAddressOf } from "../support/simulated-devices.ts";
import { PRIVATE_NET4 } from "./configurations.ts";

/** Only test addresses are there. */
const PRIVATE_SUBNET4 = `${PRIVATE_NET4}.0/24`;

interface Spoiling {
  /** A new configuration makes it forget everything. */
  readonly startsOver?: boolean;
  /** What the machine gets to see of a fact; undefined: it never hears of it. */
  readonly event?: (event: MachineEvent) => MachineEvent | undefined;
  readonly action?: (action: Action) => Action | undefined;
  /** What it says of itself. */
  readonly snapshot?: (snapshot: Snapshot) => Snapshot;
  readonly wakeAt?: (wakeAt: number | undefined) => number | undefined;
  /** The requests that are really made, in their order; the machine believes that all of its own were. */
  readonly requests?: (requests: readonly KernelRequest[]) => readonly KernelRequest[];
}

export interface Saboteur {
  readonly bug: string;
  readonly make: () => MachineLike;
}

class SpoiltMachine implements MachineLike {
  private machine = new Machine();
  private readonly asked = new Map<number, { wanted: readonly KernelRequest[]; made: readonly KernelRequest[] }>();
  private last: StepResult = { actions: [], wakeAt: undefined };
  private readonly spoiling: Spoiling;

  constructor(spoiling: Spoiling) {
    this.spoiling = spoiling;
  }

  step(event: MachineEvent, now: number): StepResult {
    const heard = this.spoiling.event === undefined ? event : this.spoiling.event(event);
    if (heard === undefined) return { actions: [], wakeAt: this.last.wakeAt };
    if (heard.type === "configure" && this.spoiling.startsOver === true) this.machine = new Machine();
    const { actions, wakeAt } = this.machine.step(this.completed(heard), now);
    this.last = {
      actions: actions.flatMap((action) => this.spoilt(action)),
      wakeAt: this.spoiling.wakeAt === undefined ? wakeAt : this.spoiling.wakeAt(wakeAt),
    };
    return this.last;
  }

  snapshot(timeOf: (monotonicMs: number) => string): Snapshot {
    const snapshot = this.machine.snapshot(timeOf);
    return this.spoiling.snapshot === undefined ? snapshot : this.spoiling.snapshot(snapshot);
  }

  private spoilt(action: Action): Action[] {
    if (action.type === "apply" && this.spoiling.requests !== undefined) {
      const made = this.spoiling.requests(action.requests);
      this.asked.set(action.id, { wanted: action.requests, made });
      return [{ ...action, requests: made }];
    }
    const left = this.spoiling.action === undefined ? action : this.spoiling.action(action);
    return left === undefined ? [] : [left];
  }

  /** Outcomes in the order of the machine's own requests; what was not made seems to have gone well. */
  private completed(event: MachineEvent): MachineEvent {
    const asked = event.type === "outcomes" ? this.asked.get(event.id) : undefined;
    if (event.type !== "outcomes" || asked === undefined) return event;
    const outcomes = asked.wanted.map(
      (request): KernelOutcome => event.outcomes[asked.made.indexOf(request)] ?? { ok: true },
    );
    return { ...event, outcomes };
  }
}

function dropNotices(unwanted: (notice: KernelNotice) => boolean): Spoiling {
  return {
    event: (event) =>
      event.type === "notices" ? { ...event, notices: event.notices.filter((notice) => !unwanted(notice)) } : event,
  };
}

function dropRequests(unwanted: (request: KernelRequest) => boolean): Spoiling {
  return { requests: (requests) => requests.filter((request) => !unwanted(request)) };
}

function neverAnnounces(action: Action): Action | undefined {
  if (action.type === "announce") return undefined;
  if (action.type !== "arm") return action;
  return { ...action, plans: action.plans.map((plan) => ({ ...plan, announcements: [] })) };
}

function announcesForeignAddress(action: Action): Action {
  if (action.type !== "announce") return action;
  const wrong = "02:00:00:00:00:ff";
  return { ...action, announcements: action.announcements.map((one) => ({ ...one, hardwareAddress: wrong })) };
}

/** Takes everything that it sees for its own. */
function claimEverything(picture: KernelPicture): KernelPicture {
  return {
    ...picture,
    addresses: picture.addresses.map((address) => ({ ...address, protocol: OUR_PROTOCOL })),
    nextHops: picture.nextHops.map((nextHop) => ({ ...nextHop, protocol: OUR_PROTOCOL })),
  };
}

/** An address is taken from where it was set last, and only then set elsewhere. */
function takesBeforeItGives(): Spoiling {
  const homes = new Map<string, Extract<KernelRequest, { op: "set-address" }>>();
  const moved = (request: KernelRequest): KernelRequest[] => {
    if (request.op !== "set-address") return [request];
    const home = homes.get(request.address);
    homes.set(request.address, request);
    if (home === undefined || home.index === request.index) return [request];
    const { index, family, address, prefixLength } = home;
    return [{ op: "remove-address", index, family, address, prefixLength }, request];
  };
  return { requests: (requests) => requests.flatMap(moved) };
}

/** What became of probes as this bug has it: another result, or none. */
function mistakes(heard: (result: ProbeResult) => ProbeResult | undefined): Spoiling {
  return {
    event: (event) => {
      if (event.type !== "probe-results") return event;
      return { ...event, results: event.results.map(heard).filter((result) => result !== undefined) };
    },
  };
}

function asLost(kind: ProbeResult["kind"]): Spoiling {
  return mistakes((result) => {
    if (result.kind !== kind || !("sequence" in result)) return result;
    const { index, family, sequence, target, sentAt } = result;
    return { kind: "lost", index, family, sequence, target, sentAt };
  });
}

/** The result of one card is filed under the next one that is probed. */
function mixesUpInstances(): Spoiling {
  let indexes: readonly number[] = [];
  const filed = mistakes((result) => {
    const next = indexes[(indexes.indexOf(result.index) + 1) % Math.max(1, indexes.length)];
    return { ...result, index: next ?? result.index };
  });
  return {
    ...filed,
    action: (action) => {
      if (action.type === "probe") indexes = [...new Set(action.plan.map(({ index }) => index))];
      return action;
    },
  };
}

function misreads(change: (group: GroupConfiguration) => GroupConfiguration): Spoiling {
  return {
    event: (event) => {
      if (event.type !== "configure") return event;
      const { configuration } = event;
      return { ...event, configuration: { ...configuration, groups: configuration.groups.map(change) } };
    },
  };
}

function changesPlans(change: (plan: readonly ProbePlan[]) => readonly ProbePlan[]): Spoiling {
  return { action: (action) => (action.type === "probe" ? { ...action, plan: change(action.plan) } : action) };
}

function answersAll(refusal: RequestRefusal | undefined): Spoiling {
  return { action: (action) => (action.type === "answer" ? { ...action, refusal } : action) };
}

/** Whatever the kernel says of it, every card has an address of its own. */
function blindToTwins(): Spoiling {
  return seesLinksAs((link) => ({ ...link, hardwareAddress: hardwareAddressOf(link.index) }));
}

/** What it sees of a link, whenever it hears of one. */
function seesLinksAs(seen: (link: Link) => Link): Spoiling {
  const notice = (one: KernelNotice): KernelNotice => (one.kind === "link" ? { ...one, link: seen(one.link) } : one);
  return {
    event: (event) => {
      if (event.type === "dump")
        return { ...event, picture: { ...event.picture, links: event.picture.links.map(seen) } };
      return event.type === "notices" ? { ...event, notices: event.notices.map(notice) } : event;
    },
  };
}

/** Neither the MTU nor the switch tells it anything. */
function blindToFamilies(): Spoiling {
  const { event: withMtu } = seesLinksAs((link) => ({ ...link, mtu: 1_500 }));
  const switched = (settings: KernelPicture["settings"]) =>
    Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, key.endsWith(IPV6_DISABLED) ? "0" : value]),
    );
  return {
    event: (event) => {
      const heard = withMtu?.(event);
      if (heard?.type !== "dump") return heard;
      return { ...heard, picture: { ...heard.picture, settings: switched(heard.picture.settings) } };
    },
  };
}

/** Once by echo, from one address, always so. */
function sticksToSources(): Spoiling {
  const known = new Map<string, ProbePlan>();
  return changesPlans((plan) =>
    plan.map((one) => {
      const key = `${one.index} ${one.family}`;
      const { method, source } = known.get(key) ?? one;
      if (method === "echo") known.set(key, { ...one, method, source });
      return { ...one, method, source };
    }),
  );
}

/** Who was in a plan once stays in it. */
function probesForEver(): (action: Action) => Action {
  const known = new Map<string, ProbePlan>();
  return (action) => {
    if (action.type !== "probe") return action;
    for (const plan of action.plan) known.set(`${plan.index} ${plan.family}`, plan);
    return { ...action, plan: [...known.values()] };
  };
}

/** Goes deaf to dumps after its first. */
function deafToLaterDumps(): Spoiling {
  let dumps = 0;
  return { event: (event) => (event.type === "dump" && ++dumps > 1 ? undefined : event) };
}

/** A link that has gone stays in what it reads as well. */
function keepsGoneLinks(): Spoiling {
  const known = new Map<number, Link>();
  const notices = dropNotices((notice) => notice.kind === "link-removed");
  return {
    event: (event) => {
      if (event.type !== "dump") return notices.event?.(event);
      for (const link of event.picture.links) known.set(link.index, link);
      return { ...event, picture: { ...event.picture, links: [...known.values()] } };
    },
  };
}

/** A link that was down once stays so, whatever is reported later. */
function missesRepairs(): Spoiling {
  const broken = new Set<number>();
  const seen = (link: Link): Link => {
    if (!link.carrier) broken.add(link.index);
    return { ...link, carrier: link.carrier && !broken.has(link.index) };
  };
  return seesLinksAs(seen);
}

const BUGS: Readonly<Record<string, () => Spoiling>> = {
  "never announces": () => ({ action: neverAnnounces }),
  "announces a link-layer address that no link has": () => ({ action: announcesForeignAddress }),
  "never arms a failover plan": () => ({ action: (action) => (action.type === "arm" ? undefined : action) }),
  "ignores that links go away": keepsGoneLinks,
  "does not see that links come up": missesRepairs,
  "forgets routes": () => dropRequests((request) => request.op === "set-route"),
  "forgets the way back to test addresses": () =>
    dropRequests((request) => request.op === "set-route" && request.route.destination === PRIVATE_SUBNET4),
  "forgets next-hop groups": () => dropRequests((request) => request.op === "set-next-hop-group"),
  "forgets to settle new NICs": () => dropRequests((request) => request.op === "set-setting"),
  "leaves old copies behind": () => dropRequests((request) => request.op === "remove-address"),
  "leaves old next hops behind": () => dropRequests((request) => request.op === "remove-next-hop"),
  "never puts settings back": () => dropRequests((request) => request.op === "restore-settings"),
  "deletes before it adds": takesBeforeItGives,
  "takes strangers' objects for its own": () => ({
    event: (event) => (event.type === "dump" ? { ...event, picture: claimEverything(event.picture) } : event),
  }),
  "reads only the first dump": deafToLaterDumps,
  "ignores lost probes": () => mistakes((result) => (result.kind === "lost" ? undefined : result)),
  "believes that unsent probes are lost": () => asLost("unsent"),
  "believes that refused probes are lost": () => asLost("refused"),
  "mixes up whose probes they are": mixesUpInstances,
  "never asks hosts": () => changesPlans((plan) => plan.map((one) => ({ ...one, discover: false }))),
  "never asks by ARP": () => changesPlans((plan) => plan.filter(({ method }) => method !== "arp")),
  "goes on probing from an address that has moved": sticksToSources,
  "probes one card only": () => changesPlans((plan) => plan.slice(0, 1)),
  "probes what is offline": () => ({ action: probesForEver() }),
  "takes three times the failure detection time": () =>
    misreads((group) => ({ ...group, failureDetectionTimeMs: group.failureDetectionTimeMs * 3 })),
  "never ends a hold-down": () =>
    misreads((group) => ({ ...group, flapLimit: { count: 1, windowMs: Number.MAX_SAFE_INTEGER } })),
  "holds nobody down": () => misreads((group) => ({ ...group, flapLimit: undefined })),
  "forgets at a reload": () => ({ startsOver: true }),
  "remembers nothing": () => ({ event: (event) => (event.type === "remember" ? undefined : event) }),
  "keeps nothing": () => ({ action: (action) => (action.type === "keep" ? undefined : action) }),
  "takes anything offline": () => ({
    event: (event) =>
      event.type === "request" && event.request.op === "offline"
        ? { ...event, request: { ...event.request, minimumRedundancy: 0 } }
        : event,
  }),
  "grants what it has not done": () => answersAll(undefined),
  "refuses what it has done": () => answersAll("minimum-redundancy"),
  "does not mind equal hardware addresses": blindToTwins,
  "does not see that links lose IPv6": blindToFamilies,
  "takes a link without IPv6 for a dead one": () =>
    seesLinksAs((link) => ({
      ...link,
      carrier: link.carrier && link.mtu >= 1_280,
      running: link.running && link.mtu >= 1_280,
    })),
  "says that a group is well which is not": () => ({
    snapshot: (snapshot) => ({
      ...snapshot,
      groups: snapshot.groups.map((row) => (row.state === "degraded" ? { ...row, state: "ok" } : row)),
    }),
  }),
  "never wakes": () => ({ wakeAt: () => undefined }),
  "believes that every request succeeds": () => ({
    event: (event) =>
      event.type === "outcomes"
        ? { ...event, outcomes: event.outcomes.map((): KernelOutcome => ({ ok: true })) }
        : event,
  }),
};

export const SABOTEURS: readonly Saboteur[] = Object.entries(BUGS).map(([bug, spoiling]) => ({
  bug,
  make: () => new SpoiltMachine(spoiling()),
}));
