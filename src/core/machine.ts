/**
 * The IPMP machine: facts in, deeds out. One fact a step; all deeds of a step are carried out before the next fact enters.
 *
 * A step takes the fact into the picture of the kernel, brings the groups in line with the picture, works out the whole
 * wanted state of the kernel, and asks for the difference. First start, restart after a crash, reload and a lost notice are
 * all that one path. Pure: no clock, no timer, no randomness, no I/O.
 */
import type { StepResult } from "./actions.ts";
import type { Configuration, Family } from "./configuration.ts";
import { Deeds } from "./deeds.ts";
import { type AdministratorRequest, describe, type MachineEvent } from "./events.ts";
import type { Group } from "./group.ts";
import { type GroupStep, judgeGroup, updateGroup } from "./group-step.ts";
import { Demands } from "./kernel-state/demands.ts";
import { anchorOf, awaitsInterface } from "./kernel-state/group-interface.ts";
import type { KernelNotice, KernelOutcome, KernelRequest } from "./kernel-state/kernel-objects.ts";
import { KernelReport } from "./kernel-state/kernel-report.ts";
import { NextHopIds } from "./kernel-state/next-hop-ids.ts";
import { Picture } from "./kernel-state/picture.ts";
import { concernOf } from "./kernel-state/relevance.ts";
import { Requests, requestText } from "./kernel-state/requests.ts";
import { Scans } from "./kernel-state/scans.ts";
import { lostNextHops } from "./kernel-state/unnoticed.ts";
import {
  announceAnew,
  announcedOnceThere,
  followUngrouped,
  type Managed,
  membersByIndex,
  nextDueAt,
  ownersByName,
  type Placed,
  reload,
  settingsReadOf,
  startAnnouncing,
  watchedLinks,
} from "./managing.ts";
import { administer } from "./members/administration.ts";
import { noteImpairments } from "./members/impairments.ts";
import type { LinkChange } from "./members/links.ts";
import { linkChanges } from "./members/membership.ts";
import { memoriesOf } from "./members/remembering.ts";
import { NOTHING_TO_REMEMBER } from "./memory.ts";
import { announcementsOf } from "./placement/announcing.ts";
import { unbar } from "./placement/barring.ts";
import { failoverPlans } from "./placement/plans.ts";
import { takeProbes } from "./probe-step.ts";
import { probePlans } from "./probing/plan.ts";
import type { ProbeResult } from "./probing/results.ts";
import { targetOf } from "./probing/snapshot.ts";
import type { Snapshot, TargetSnapshot } from "./snapshot.ts";
import { type TimeOf, takeSnapshot } from "./take-snapshot.ts";

type Fact = Exclude<MachineEvent, { type: "probe-results" }>;

export interface MachineOptions {
  /** False: there is no prober, and links alone are judged, whatever test addresses there are. Default true. */
  readonly probing?: boolean;
}

export class Machine {
  readonly #probing: boolean;
  readonly #picture = new Picture();
  readonly #ids = new NextHopIds(this.#picture);
  readonly #requests = new Requests();
  readonly #scans = new Scans();
  readonly #deeds = new Deeds();
  readonly #report = new KernelReport(this.#picture, this.#ids, this.#deeds.log);
  readonly #demands = new Demands(this.#picture, this.#ids);
  #configuration: Configuration = { trackUngrouped: false, groups: [] };
  #groups: Managed[] = [];
  /** Whose the links of these names are: those of members, and group interfaces. */
  #owners = new Map<string, Managed>();
  /** Groups that this step has to look at. */
  readonly #touched = new Set<Managed>();
  /** Groups whose wants have not been compared with the kernel, for requests were under way. */
  readonly #unchecked = new Set<Managed>();
  /** Groups that the requests under way are for. */
  #asking = new Set<Managed>();
  /** Whose link has this index; made anew after everything but probe results. */
  #members: ReadonlyMap<number, Placed> | undefined;
  /** What an earlier daemon kept, until the first configuration has taken it up. */
  #memory = NOTHING_TO_REMEMBER;
  #adopting = true;
  #configured = false;
  #scanned = false;
  #settled = false;
  #revision = 0;
  #orders = 0;
  #wakeAt: number | undefined;
  /** When what the kernel refused is asked for again. */
  #restEndsAt = Number.POSITIVE_INFINITY;
  /** Groups whose armed plans have to be worked out anew. */
  readonly #stale = new Set<Managed>();
  /** Requests of administrators that were granted, and are answered once the kernel has followed. */
  #answers: number[] = [];

  constructor({ probing = true }: MachineOptions = {}) {
    this.#probing = probing;
  }

  /** Takes one fact at monotonic time `now` (ms). All actions must be carried out before the next step. */
  step(event: MachineEvent, now: number): StepResult {
    this.#deeds.begin(describe(event), now);
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
    return this.#demands.all().map((request) => requestText(request, this.#picture));
  }

  /** Grows whenever the picture that tools show may have changed. */
  get revision(): number {
    return this.#revision;
  }

  /** The picture that tools show. `timeOf` makes a text for people of a monotonic time (ms). */
  snapshot(timeOf: TimeOf): Snapshot {
    return takeSnapshot(this.#allGroups(), this.#picture, timeOf);
  }

  /** One target of the link of that index, as it is by now; undefined where it is none. Cheap: fit to be asked per probe. */
  target(index: number, family: Family, address: string): TargetSnapshot | undefined {
    return targetOf(this.#placed().get(index)?.member, family, address);
  }

  #takeFact(event: Fact, now: number): void {
    const changes = this.#take(event, now);
    this.#giveUpWaiting(now);
    const isNothing = event.type === "notices" && this.#touched.size === 0;
    if (this.#scans.seen && !isNothing) this.#converge(changes, now);
    this.#report.tell(now);
    this.#wakeAt = this.#nextDeadline(now);
  }

  /** Notes which groups the event touches. Returns the ups and downs of links in it, in order. */
  #take(event: Fact, now: number): LinkChange[] {
    switch (event.type) {
      case "remember":
        this.#memory = event.memory;
        this.#deeds.keep.renew();
        return [];
      case "configure":
        this.#configure(event.configuration, now);
        this.#requestDump(now);
        return [];
      case "dump":
        if (lostNextHops(this.#picture, event.picture)) announceAnew(this.#groups);
        this.#report.dump(event.picture, this.#allGroups(), now);
        this.#picture.replace(event.picture);
        // The notice of a plan that was carried out may have been lost: arm anew.
        this.#deeds.arm.renew();
        this.#scanned = true;
        this.#scans.done(now);
        this.#touch(this.#groups);
        return [];
      case "fired":
        this.#deeds.arm.renew();
        return [];
      case "notices":
        return this.#takeNotices(event.notices, now);
      case "overrun":
        this.#deeds.log({ id: "notices-lost" });
        // Among them may be that of a plan that was carried out: peers have heard what is not so any more.
        announceAnew(this.#groups);
        // One that is under way may have been read before the loss.
        this.#scans.discard();
        this.#requestDump(now);
        return [];
      case "outcomes":
        this.#takeOutcomes(event.id, event.outcomes, now);
        return [];
      case "request":
        this.#takeRequest(event.id, event.request, now);
        return [];
      case "timer":
        this.#takeTime(now);
        return [];
    }
  }

  // ---- facts ----

  #touch(groups: Iterable<Managed>): void {
    for (const managed of groups) {
      this.#touched.add(managed);
      this.#stale.add(managed);
    }
  }

  #configure(configuration: Configuration, now: number): void {
    this.#configured = true;
    this.#configuration = configuration;
    for (const { group } of this.#groups) this.#ids.forgetGroups(`${group.configuration.name} `);
    const context = { memory: this.#memory, now, nextOrder: this.#nextOrder };
    this.#groups = reload(this.#groups, configuration, context);
    this.#memory = NOTHING_TO_REMEMBER;
    this.#takeOver();
  }

  /** There are other groups, or others in them. */
  #takeOver(): void {
    this.#owners = ownersByName(this.#groups);
    for (const set of [this.#touched, this.#unchecked, this.#stale, this.#asking]) set.clear();
    this.#touch(this.#groups);
    this.#deeds.retain(this.#allGroups());
    this.#demands.retain(this.#allGroups());
  }

  /** A busy host reports much that is nothing to us: it is noted in the picture, and that is all. */
  #takeNotices(notices: readonly KernelNotice[], now: number): LinkChange[] {
    const changes: LinkChange[] = [];
    for (const notice of notices) {
      const concern = concernOf(notice, this.#owners, this.#picture);
      const isNews = this.#picture.isNews(notice);
      this.#report.notice(notice, typeof concern === "object" ? [concern.of.group] : this.#allGroups(), now);
      const mayBeUngrouped = this.#configuration.trackUngrouped && notice.kind.startsWith("link");
      const isOurs = concern !== "nobody" || mayBeUngrouped;
      if (isOurs) this.#scans.notice(notice, isNews, this.#picture, now);
      this.#picture.apply(notice);
      if (!isOurs || !isNews) continue;
      this.#touch(typeof concern === "object" ? [concern.of] : this.#groups);
      changes.push(...linkChanges(notice, this.#picture));
      if (notice.kind === "carrier" && notice.fired) this.#deeds.arm.renew();
      if (notice.kind === "link-removed") this.#ids.forgetLink(notice.index);
      this.#requests.wake(unbar(this.#allGroups(), notice), now);
    }
    return changes;
  }

  #takeOutcomes(id: number, outcomes: readonly KernelOutcome[], now: number): void {
    const answers = this.#requests.answer(id, outcomes, now);
    const isNews = this.#report.answered(answers, this.#allGroups(), now);
    if (isNews) this.#requestDump(now);
    this.#touch(isNews ? this.#groups : [...this.#asking, ...this.#unchecked]);
  }

  /** A refusal is answered at once; what is granted when its consequences are in place. */
  #takeRequest(id: number, request: AdministratorRequest, now: number): void {
    // The addresses move while the link still works: they are announced once they are in place.
    const context = { ...this.#stepContext([], now), lost: () => undefined };
    const refusal = administer(this.#allGroups(), request, context);
    this.#touch(this.#groups);
    if (refusal === undefined) this.#answers.push(id);
    else this.#deeds.answer(id, refusal);
  }

  #takeTime(now: number): void {
    if (this.#scans.isDue(now)) this.#requestDump(now);
    this.#touch(now >= this.#restEndsAt ? this.#groups : this.#groups.filter(({ dueAt }) => now >= dueAt));
  }

  /** The common case, an answer to a probe that changes nothing, ends here. */
  #takeResults(results: readonly ProbeResult[], now: number): void {
    const context = { picture: this.#picture, now, log: this.#deeds.log };
    const news = takeProbes(results, this.#placed(), this.#touched, this.#stale, this.#deeds, context);
    // Where plans are fired the verdicts wait for the answer to that, which is the next fact.
    if (news === "verdicts") this.#judge(now);
    else if (news === "plans") this.#deeds.giveOrders();
  }

  #placed(): ReadonlyMap<number, Placed> {
    this.#members ??= membersByIndex(this.#groups);
    return this.#members;
  }

  #allGroups(): Group[] {
    return this.#groups.map(({ group }) => group);
  }

  #giveUpWaiting(now: number): void {
    const overdue = this.#scans.expire(now);
    const expired = this.#requests.expire(now);
    if (expired) this.#touch(this.#groups);
    if (expired || overdue) this.#requestDump(now);
  }

  // ---- judgement ----

  readonly #nextOrder = (): number => ++this.#orders;

  #stepContext(changes: readonly LinkChange[], now: number): GroupStep {
    return {
      ...{ picture: this.#picture, now, nextOrder: this.#nextOrder, log: this.#deeds.log, changes },
      announce: (announcements) => this.#deeds.announce(announcements),
      rescan: () => this.#scans.verifySoon(now),
      ...{ adopting: this.#adopting, configured: this.#configured, scanned: this.#scanned, probing: this.#probing },
    };
  }

  #converge(changes: readonly LinkChange[], now: number): void {
    const step = this.#stepContext(changes, now);
    if (followUngrouped(this.#groups, this.#configuration, step)) this.#takeOver();
    for (const managed of this.#touched) {
      managed.lost = false;
      if (updateGroup(managed, step)) this.#stale.add(managed);
    }
    this.#adopting = false;
    this.#configured = false;
    this.#scanned = false;
    this.#members = undefined;
    this.#follow(now);
  }

  /** Probes have brought news of some groups, which have nothing to do with the kernel. */
  #judge(now: number): void {
    const step = this.#stepContext([], now);
    for (const managed of this.#touched) {
      managed.lost = false;
      if (judgeGroup(managed, step)) this.#stale.add(managed);
    }
    this.#follow(now);
    this.#wakeAt = this.#nextDeadline(now);
  }

  /** What is decided is carried out. */
  #follow(now: number): void {
    this.#revision++;
    for (const { lost, group } of this.#touched) if (lost) this.#deeds.announce(announcementsOf(group));
    for (const managed of this.#touched) {
      this.#demands.renew(managed.group);
      this.#unchecked.add(managed);
    }
    if (!this.#requests.busy) this.#ask(now);
    this.#settled =
      !this.#requests.busy && !this.#groups.some(({ group }) => awaitsInterface(group, this.#picture, this.#requests));
    if (!this.#requests.busy) {
      for (const managed of this.#groups) if (startAnnouncing(managed, now)) this.#touched.add(managed);
      this.#arm();
    }
    for (const managed of this.#groups) if (this.#touched.has(managed)) this.#order(managed, now);
    this.#deeds.giveOrders();
    // After all that it promises: announced, and kept for a restart.
    if (!this.#requests.busy) for (const id of this.#answers.splice(0)) this.#deeds.answer(id, undefined);
    this.#touched.clear();
  }

  /** Compares what is wanted with what is seen. */
  #ask(now: number): void {
    const due = (requests: readonly KernelRequest[]) => this.#requests.due(requests, this.#picture.nextHops, now);
    const ofNamespace = this.#demands.missingInNamespace();
    const parts = new Map([["", ofNamespace]]);
    const requests = due(ofNamespace);
    this.#asking = new Set();
    for (const managed of this.#unchecked) {
      const missing = this.#demands.missing(managed.group);
      const asked = due(missing);
      parts.set(managed.group.configuration.name, missing);
      if (asked.length > 0) this.#asking.add(managed);
      else noteImpairments(managed.group, this.#requests.complaints(missing), this.#picture, this.#deeds.log);
      requests.push(...asked);
    }
    this.#report.missing(parts);
    this.#unchecked.clear();
    requests.push(...due(this.#demands.surplus()));
    if (requests.length === 0) return;
    const announcements = [...this.#asking].flatMap(announcedOnceThere);
    this.#deeds.apply(this.#requests.send(requests, now), { requests, announcements });
  }

  // ---- deeds ----

  #requestDump(now: number): void {
    if (this.#scans.ask(now)) this.#deeds.dump(settingsReadOf(this.#groups));
  }

  /** Plans are worked out when everything is in place: they rely on the objects that they name. */
  #arm(): void {
    for (const { group } of this.#stale) {
      this.#deeds.arm.put(group, failoverPlans(group, anchorOf(group, this.#picture), this.#ids, this.#picture));
    }
    this.#stale.clear();
    this.#deeds.giveArmed();
  }

  /** What is due for a group, and its part of the standing orders. */
  #order(managed: Managed, now: number): void {
    const { group, schedule } = managed;
    this.#deeds.announce(schedule.due(group, now));
    this.#deeds.watch.put(group, watchedLinks(group, this.#picture));
    if (this.#probing) this.#deeds.probe.put(group, probePlans(group));
    this.#deeds.keep.put(group, memoriesOf(group));
    managed.dueAt = nextDueAt(managed, now, this.#probing);
  }

  #nextDeadline(now: number): number | undefined {
    this.#restEndsAt = this.#requests.nextDeadline(now) ?? Number.POSITIVE_INFINITY;
    const groups = this.#scans.seen ? this.#groups.map(({ dueAt }) => dueAt) : [];
    const told = Math.min(this.#report.deadline, this.#deeds.deadline);
    const next = Math.min(this.#scans.deadline, this.#restEndsAt, told, ...groups);
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(now, next);
  }
}
