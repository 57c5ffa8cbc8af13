/**
 * The IPMP machine: facts in, deeds out. One fact a step; all deeds of a step are carried out before the next fact enters.
 *
 * A step takes the fact into the picture of the kernel, brings the groups in line with the picture, works out the whole
 * wanted state of the kernel, and asks for the difference. First start, restart after a crash, reload and a lost notice are
 * all that one path. Pure: no clock, no timer, no randomness, no I/O.
 */
import type { StepResult } from "./actions.ts";
import type { Configuration } from "./configuration.ts";
import { Deeds } from "./deeds.ts";
import { type AdministratorRequest, describe, type MachineEvent } from "./events.ts";
import { type Group, type Member, nameOf, newGroup } from "./group.ts";
import { type GroupStep, judgeGroup, updateGroup } from "./group-step.ts";
import { difference } from "./kernel-state/difference.ts";
import { anchorOf, groupInterface } from "./kernel-state/group-interface.ts";
import type { KernelNotice, KernelOutcome, KernelRequest } from "./kernel-state/kernel-objects.ts";
import { NextHopIds } from "./kernel-state/next-hop-ids.ts";
import { Picture } from "./kernel-state/picture.ts";
import { concerns, namesOf } from "./kernel-state/relevance.ts";
import { type Refusal, Requests, remedyFor, requestText } from "./kernel-state/requests.ts";
import {
  dropClashingRoutes,
  nothingWanted,
  type Wanted,
  wantGroup,
  wantNamespaceSettings,
} from "./kernel-state/wanted.ts";
import { deadlinesOf, type Managed, manage, reconfigure, reload } from "./managing.ts";
import { administer } from "./members/administration.ts";
import { isLoss, isUp, type LinkChange } from "./members/links.ts";
import { memoryOf } from "./members/remembering.ts";
import { ungrouped } from "./members/ungrouped.ts";
import type { Memory } from "./memory.ts";
import { announcementsOf } from "./placement/announcing.ts";
import { bar, unbar } from "./placement/barring.ts";
import { startRetirement } from "./placement/hosting.ts";
import { failoverPlans } from "./placement/plans.ts";
import { takeResult } from "./probing/judge.ts";
import { probePlans } from "./probing/plan.ts";
import type { ProbeResult } from "./probing/results.ts";
import type { Snapshot } from "./snapshot.ts";
import { type TimeOf, takeSnapshot } from "./take-snapshot.ts";

/** Notices can be lost without a word; the original scans as often. */
const FULL_SCAN_MS = 20_000;
/** After a loss the kernel drops IPv4 routes unannounced: look again soon, when the dust has settled. */
const VERIFY_AFTER_MS = 200;
/** A dump unanswered for so long is asked for again. */
const DUMP_LIMIT_MS = 5_000;
/** From this refusal on in succession: a single one is often a race with the kernel itself, and heals by itself. */
const REFUSALS_BEFORE_ACTING = 2;

const NOTHING_TO_REMEMBER: Memory = { members: [] };

export interface MachineOptions {
  /** False: there is no prober, and links alone are judged, whatever test addresses there are. Default true. */
  readonly probing?: boolean;
}

export class Machine {
  readonly #probing: boolean;
  readonly #picture = new Picture();
  readonly #ids = new NextHopIds(this.#picture);
  readonly #requests = new Requests();
  readonly #deeds = new Deeds();
  #configuration: Configuration = { trackUngrouped: false, groups: [] };
  #groups: Managed[] = [];
  /** Whose link has this index. */
  #membersByIndex = new Map<number, { readonly managed: Managed; readonly member: Member }>();
  /** What an earlier daemon kept, until the first configuration has taken it up. */
  #memory = NOTHING_TO_REMEMBER;
  #seen = false;
  #adopting = true;
  #configured = false;
  #scanned = false;
  #settled = false;
  #revision = 0;
  #order = 0;
  #dumpAwaitedUntil: number | undefined;
  #nextScanAt = Number.POSITIVE_INFINITY;
  #wakeAt: number | undefined;
  #plansStale = false;
  /** Requests of administrators that were granted, and are answered once the kernel has followed. */
  #answers: number[] = [];

  constructor({ probing = true }: MachineOptions = {}) {
    this.#probing = probing;
  }

  /** Takes one fact at monotonic time `now` (ms). All actions must be carried out before the next step. */
  step(event: MachineEvent, now: number): StepResult {
    this.#deeds.begin(describe(event));
    if (event.type === "probe-results") this.#takeResults(event.results, now);
    else this.#takeFact(event, now);
    return { actions: this.#deeds.end(), wakeAt: this.#wakeAt };
  }

  /** True when nothing is left to be done now: all that is wanted is in place, or rests after the kernel refused it. */
  get settled(): boolean {
    return this.#settled;
  }

  /** What is not as wanted, in words: what the kernel refused, and what has not been answered yet. */
  unfinished(): string[] {
    const requests = difference(this.#picture, this.#wanted());
    return requests.map((request) => requestText(request, this.#picture));
  }

  /** Grows whenever the picture that tools show may have changed. */
  get revision(): number {
    return this.#revision;
  }

  /** The picture that tools show. `timeOf` makes a text for people of a monotonic time (ms). */
  snapshot(timeOf: TimeOf): Snapshot {
    return takeSnapshot(this.#allGroups(), this.#picture, timeOf);
  }

  #takeFact(event: Exclude<MachineEvent, { type: "probe-results" }>, now: number): void {
    const changes = this.#take(event, now);
    this.#giveUpWaiting(now);
    if (this.#seen && changes !== undefined) this.#converge(changes, now);
    if (!this.#seen) this.#wakeAt = this.#dumpAwaitedUntil;
    else if (changes === undefined) this.#wakeAt = Math.min(this.#wakeAt ?? this.#nextScanAt, this.#nextScanAt);
  }

  /** Returns the ups and downs of links in the event, in order; undefined where it concerns none of us. */
  #take(event: Exclude<MachineEvent, { type: "probe-results" }>, now: number): LinkChange[] | undefined {
    if (event.type !== "timer" && event.type !== "notices") this.#plansStale = true;
    switch (event.type) {
      case "remember":
        this.#memory = event.memory;
        this.#deeds.noteKept(event.memory);
        return undefined;
      case "configure":
        this.#configure(event.configuration, now);
        this.#requestDump(now);
        return [];
      case "dump":
        this.#picture.replace(event.picture);
        // The notice of a plan that was carried out may have been lost: arm anew.
        this.#deeds.forgetArmed();
        this.#seen = true;
        this.#scanned = true;
        this.#dumpAwaitedUntil = undefined;
        this.#nextScanAt = now + FULL_SCAN_MS;
        return [];
      case "notices":
        return this.#takeNotices(event.notices, now);
      case "overrun":
        this.#deeds.log({ id: "notices-lost" });
        // One that is under way may have been read before the loss.
        this.#dumpAwaitedUntil = undefined;
        this.#requestDump(now);
        return [];
      case "outcomes":
        this.#takeOutcomes(event.id, event.outcomes, now);
        return [];
      case "request":
        this.#takeRequest(event.id, event.request, now);
        return [];
      case "timer":
        if (now >= this.#nextScanAt) this.#requestDump(now);
        return [];
    }
  }

  // ---- facts ----

  #configure(configuration: Configuration, now: number): void {
    this.#configured = true;
    this.#configuration = configuration;
    for (const { group } of this.#groups) this.#ids.forgetGroups(`${group.configuration.name} `);
    const context = { memory: this.#memory, now, nextOrder: this.#nextOrder };
    this.#groups = reload(this.#groups, configuration, context);
    this.#memory = NOTHING_TO_REMEMBER;
  }

  /** Interfaces in no group come and go with the links that there are. */
  #followUngrouped(now: number): void {
    const wanted = ungrouped(this.#configuration, this.#picture);
    const present = this.#groups.find(({ group }) => group.anonymous);
    if (wanted === undefined) return;
    if (present === undefined) this.#groups.unshift(manage(newGroup(wanted, now, true)));
    else reconfigure(present.group, wanted, { memory: NOTHING_TO_REMEMBER, now, nextOrder: this.#nextOrder });
  }

  /** A busy host reports much that is nothing to us: it is noted in the picture, and that is all. */
  #takeNotices(notices: readonly KernelNotice[], now: number): LinkChange[] | undefined {
    const changes: LinkChange[] = [];
    const names = namesOf(this.#allGroups());
    let concerned = false;
    for (const notice of notices) {
      const ours = concerns(notice, names, this.#picture) || this.#mayBeUngrouped(notice);
      this.#picture.apply(notice);
      if (!ours) continue;
      concerned = true;
      if (notice.kind === "link" || notice.kind === "carrier") {
        const index = notice.kind === "link" ? notice.link.index : notice.index;
        const link = this.#picture.links.get(index);
        if (link !== undefined) changes.push({ index, up: isUp(link) });
      }
      if (notice.kind === "carrier" && notice.fired) this.#deeds.forgetArmed();
      if (notice.kind === "link-removed") this.#ids.forgetLink(notice.index);
      unbar(this.#allGroups(), notice);
      if (isLoss(notice)) this.#nextScanAt = Math.min(this.#nextScanAt, now + VERIFY_AFTER_MS);
    }
    this.#plansStale ||= concerned;
    return concerned ? changes : undefined;
  }

  #mayBeUngrouped({ kind }: KernelNotice): boolean {
    return this.#configuration.trackUngrouped && (kind === "link" || kind === "link-removed");
  }

  #takeOutcomes(id: number, outcomes: readonly KernelOutcome[], now: number): void {
    const { granted, refused } = this.#requests.answer(id, outcomes, now);
    for (const request of granted) this.#picture.confirm(request);
    for (const refusal of refused) this.#takeRefusal(refusal, now);
    if (refused.length > 0) this.#requestDump(now);
  }

  #takeRefusal(refusal: Refusal, now: number): void {
    const { request, code, text, times } = refusal;
    const operation = requestText(request, this.#picture);
    if (request.op === "create-link") {
      if (times === 1) this.#deeds.log({ id: "interface-not-made", interface: request.name, code, text });
    } else if (times >= REFUSALS_BEFORE_ACTING) {
      const barred = bar(this.#allGroups(), refusal, now);
      if (barred !== undefined) this.#deeds.log(barred);
      else if (times === REFUSALS_BEFORE_ACTING) {
        this.#deeds.log({ id: "request-failed", operation, code, text: text || remedyFor(request, code) });
      }
    }
  }

  /** A refusal is answered at once; what is granted when its consequences are in place. */
  #takeRequest(id: number, request: AdministratorRequest, now: number): void {
    const lost = (group: Group) => {
      for (const managed of this.#groups) if (managed.group === group) managed.announceWhenPlaced = true;
    };
    const refusal = administer(this.#allGroups(), request, { ...this.#stepContext([], now), lost });
    if (refusal === undefined) this.#answers.push(id);
    else this.#deeds.answer(id, refusal);
  }

  /** The common case, an answer to a probe that changes nothing, ends here. */
  #takeResults(results: readonly ProbeResult[], now: number): void {
    let dirty: Set<Managed> | undefined;
    let planChanged = false;
    for (const result of results) {
      const place = this.#membersByIndex.get(result.index);
      if (place === undefined) continue;
      const context = { picture: this.#picture, now, log: this.#deeds.log };
      const consequence = takeResult(place.managed.group, place.member, result, context);
      planChanged ||= consequence.planChanged;
      if (consequence.judge) dirty = (dirty ?? new Set()).add(place.managed);
    }
    if (dirty !== undefined) this.#judge([...dirty], now);
    else if (planChanged) this.#planProbes();
  }

  #allGroups(): Group[] {
    return this.#groups.map(({ group }) => group);
  }

  #giveUpWaiting(now: number): void {
    const overdue = this.#dumpAwaitedUntil !== undefined && this.#dumpAwaitedUntil <= now;
    if (overdue) this.#dumpAwaitedUntil = undefined;
    if (this.#requests.expire(now) || overdue) this.#requestDump(now);
  }

  // ---- judgement ----

  #stepContext(changes: readonly LinkChange[], now: number): GroupStep {
    return {
      ...{ picture: this.#picture, now, nextOrder: this.#nextOrder, log: this.#deeds.log, changes },
      ...{ adopting: this.#adopting, configured: this.#configured, scanned: this.#scanned, probing: this.#probing },
    };
  }

  #converge(changes: readonly LinkChange[], now: number): void {
    this.#followUngrouped(now);
    const step = this.#stepContext(changes, now);
    for (const managed of this.#groups) {
      managed.lost = false;
      if (updateGroup(managed, step)) this.#plansStale = true;
    }
    this.#adopting = false;
    this.#configured = false;
    this.#scanned = false;
    this.#follow(now);
  }

  /** Probes have brought news of some groups: what they have nothing to do with stays as it is. */
  #judge(groups: readonly Managed[], now: number): void {
    const step = this.#stepContext([], now);
    for (const managed of this.#groups) managed.lost = false;
    const changed = groups.filter((managed) => judgeGroup(managed, step));
    if (changed.length > 0) this.#plansStale = true;
    this.#follow(now);
  }

  /** What is decided is carried out. */
  #follow(now: number): void {
    this.#revision++;
    for (const managed of this.#groups) if (managed.lost) this.#deeds.announce(announcementsOf(managed.group));
    const requests = this.#requests.busy ? [] : this.#missingRequests(now);
    if (requests.length > 0) this.#apply(requests, now);
    this.#settled = !this.#requests.busy && !this.#groups.some(({ group }) => this.#awaitsInterface(group));
    if (!this.#requests.busy) {
      for (const managed of this.#groups) this.#announceIfPlaced(managed, now);
      this.#arm();
      for (const id of this.#answers.splice(0)) this.#deeds.answer(id, undefined);
    }
    for (const { group, schedule } of this.#groups) this.#deeds.announce(schedule.due(group, now));
    this.#watch();
    this.#planProbes();
    this.#deeds.keep(memoryOf(this.#allGroups()));
    this.#wakeAt = this.#nextDeadline(now);
  }

  readonly #nextOrder = (): number => ++this.#order;

  #wanted(): Wanted {
    const wanted = nothingWanted();
    const groups = this.#allGroups().filter(({ anonymous }) => !anonymous);
    wantNamespaceSettings(groups, wanted);
    for (const group of groups) wantGroup(group, anchorOf(group, this.#picture), this.#ids, wanted);
    dropClashingRoutes(wanted);
    return wanted;
  }
  /** Asked for and granted, but its notice has not come. */
  #awaitsInterface(group: Group): boolean {
    const { name, groupInterface: wanted } = group.configuration;
    return wanted && !groupInterface(group, this.#picture) && !this.#requests.wasRefused(`create-link ${name}`);
  }

  #missingRequests(now: number): KernelRequest[] {
    const requests = difference(this.#picture, this.#wanted());
    return requests.filter((request) => !this.#requests.isResting(request, now));
  }

  // ---- deeds ----

  #apply(requests: readonly KernelRequest[], now: number): void {
    const id = this.#requests.send(requests, now);
    this.#deeds.apply(id, requests);
  }

  #requestDump(now: number): void {
    if (this.#dumpAwaitedUntil !== undefined) return;
    this.#dumpAwaitedUntil = now + DUMP_LIMIT_MS;
    const settingsOf = this.#groups.flatMap(({ group }) => (group.anonymous ? [] : group.members.map(nameOf)));
    this.#deeds.dump(settingsOf);
  }

  #announceIfPlaced(managed: Managed, now: number): void {
    if (!managed.announceWhenPlaced) return;
    managed.announceWhenPlaced = false;
    managed.schedule.restart(now);
    startRetirement(managed.group, now);
  }

  /** Plans are worked out when everything is in place: they rely on the objects that they name. */
  #arm(): void {
    if (!this.#plansStale) return;
    this.#plansStale = false;
    const plans = this.#groups.flatMap(({ group }) =>
      failoverPlans(group, anchorOf(group, this.#picture), this.#ids, this.#picture),
    );
    this.#deeds.arm(plans);
  }

  /** The members of the anonymous group are only reported: the kernel's own notices are soon enough. */
  #watch(): void {
    this.#membersByIndex = new Map();
    const indexes: number[] = [];
    for (const managed of this.#groups)
      for (const member of managed.group.members) {
        if (member.link === undefined) continue;
        this.#membersByIndex.set(member.link.index, { managed, member });
        if (!managed.group.anonymous) indexes.push(member.link.index);
      }
    this.#deeds.watch(indexes);
  }

  #planProbes(): void {
    this.#deeds.probe(this.#probing ? this.#allGroups().flatMap(probePlans) : []);
  }

  #nextDeadline(now: number): number {
    const ours = [this.#nextScanAt, this.#dumpAwaitedUntil, this.#requests.nextDeadline(now)];
    const deadlines = ours.filter((deadline) => deadline !== undefined);
    for (const managed of this.#groups) deadlines.push(...deadlinesOf(managed, now));
    return Math.max(now, Math.min(...deadlines));
  }
}
