/**
 * The IPMP machine: facts in, deeds out. One fact a step; all deeds of a step are carried out before the next fact enters.
 *
 * A step takes the fact into the picture of the kernel, brings the groups in line with the picture, works out the whole
 * wanted state of the kernel, and asks for the difference. First start, restart after a crash, reload and a lost notice are
 * all that one path. Pure: no clock, no timer, no randomness, no I/O.
 */
import type { Action, StepResult } from "./actions.ts";
import type { Configuration } from "./configuration.ts";
import { describe, type MachineEvent } from "./events.ts";
import { carryingMembers, type Group, nameOf, newGroup, newMember } from "./group.ts";
import { assertInvariants } from "./invariants.ts";
import { adoptedHosting, carriedBefore, nominatedBefore } from "./kernel-state/adoption.ts";
import { difference } from "./kernel-state/difference.ts";
import { anchorOf, groupInterface, standIn } from "./kernel-state/group-interface.ts";
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
import { adoptActivity, correctActivity, parkSurplusStandbys, updateRefilling } from "./members/activity.ts";
import {
  endSettling,
  isLoss,
  isUp,
  type LinkChange,
  linkLocalDeadlines,
  type MembershipContext,
  reportGroupState,
  updateMembers,
  watchLinkLocals,
} from "./members/membership.ts";
import type { Message } from "./messages.ts";
import { AnnouncementSchedule, announcementsOf } from "./placement/announcing.ts";
import { bar, endBarring, unbar } from "./placement/barring.ts";
import { endRetirement, rehost, startRetirement } from "./placement/hosting.ts";
import { failoverPlans } from "./placement/plans.ts";
import type { Snapshot } from "./snapshot.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** Notices can be lost without a word; the original scans as often. */
const FULL_SCAN_MS = 20_000;
/** After a loss the kernel drops IPv4 routes unannounced: look again soon, when the dust has settled. */
const VERIFY_AFTER_MS = 200;
/** A dump unanswered for so long is asked for again. */
const DUMP_LIMIT_MS = 5_000;
/** From this refusal on in succession: a single one is often a race with the kernel itself, and heals by itself. */
const REFUSALS_BEFORE_ACTING = 2;
/** A group with what the machine remembers of it between steps. */
interface Managed {
  readonly group: Group;
  readonly schedule: AnnouncementSchedule;
  /** Announce once everything asked for is in place. */
  announceWhenPlaced: boolean;
  /** A member that carried data was lost in this step. */
  lost: boolean;
}

export class Machine {
  readonly #picture = new Picture();
  readonly #ids = new NextHopIds(this.#picture);
  readonly #requests = new Requests();
  readonly #standIns = new Set<number>();
  #groups: Managed[] = [];
  #seen = false;
  #adopting = true;
  #configured = false;
  #settled = false;
  #revision = 0;
  #order = 0;
  #dumpAwaitedUntil: number | undefined;
  #nextScanAt = Number.POSITIVE_INFINITY;
  #armed = "[]";
  #plansStale = false;
  #watched = "";
  #actions: Action[] = [];
  #messages: Message[] = [];
  #cause = "";

  /** Takes one fact at monotonic time `now` (ms). All actions must be carried out before the next step. */
  step(event: MachineEvent, now: number): StepResult {
    this.#actions = [];
    this.#messages = [];
    this.#cause = describe(event);
    const changes = this.#take(event, now);
    this.#giveUpWaiting(now);
    if (this.#seen && changes !== undefined) this.#converge(changes, now);
    for (const message of this.#messages) this.#actions.push({ type: "log", cause: this.#cause, message });
    return { actions: this.#actions, wakeAt: this.#seen ? this.#wakeAt(now) : this.#dumpAwaitedUntil };
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

  /** The picture that tools show. */
  snapshot(): Snapshot {
    return takeSnapshot(this.#allGroups(), this.#picture);
  }

  /** Returns the ups and downs of links in the event, in order; undefined where it concerns none of us. */
  #take(event: MachineEvent, now: number): LinkChange[] | undefined {
    if (event.type !== "timer" && event.type !== "notices") this.#plansStale = true;
    switch (event.type) {
      case "configure":
        this.#configure(event.configuration);
        this.#requestDump(now);
        return [];
      case "dump":
        this.#picture.replace(event.picture);
        // The notice of a plan that was carried out may have been lost: arm anew.
        this.#armed = "";
        this.#seen = true;
        this.#dumpAwaitedUntil = undefined;
        this.#nextScanAt = now + FULL_SCAN_MS;
        return [];
      case "notices":
        return this.#takeNotices(event.notices, now);
      case "overrun":
        this.#log({ id: "notices-lost" });
        // One that is under way may have been read before the loss.
        this.#dumpAwaitedUntil = undefined;
        this.#requestDump(now);
        return [];
      case "outcomes":
        this.#takeOutcomes(event.id, event.outcomes, now);
        return [];
      case "timer":
        if (now >= this.#nextScanAt) this.#requestDump(now);
        return [];
    }
  }

  // ---- facts ----

  #configure(configuration: Configuration): void {
    this.#configured = true;
    const before = new Map(this.#groups.map((managed) => [managed.group.configuration.name, managed]));
    for (const name of before.keys()) this.#ids.forgetGroups(`${name} `);
    this.#groups = configuration.groups.map((wanted) => {
      const kept = before.get(wanted.name);
      if (kept === undefined) return manage(newGroup(wanted));
      const members = new Map(kept.group.members.map((member) => [nameOf(member), member]));
      kept.group.configuration = wanted;
      kept.group.members = wanted.members.map((member) => {
        const known = members.get(member.name);
        return known === undefined ? newMember(member) : { ...known, configuration: member };
      });
      correctActivity(kept.group, this.#nextOrder);
      return kept;
    });
  }

  /** A busy host reports much that is nothing to us: it is noted in the picture, and that is all. */
  #takeNotices(notices: readonly KernelNotice[], now: number): LinkChange[] | undefined {
    const changes: LinkChange[] = [];
    const names = namesOf(this.#allGroups());
    let concerned = false;
    for (const notice of notices) {
      const ours = concerns(notice, names, this.#picture);
      this.#picture.apply(notice);
      if (!ours) continue;
      concerned = true;
      if (notice.kind === "link" || notice.kind === "carrier") {
        const index = notice.kind === "link" ? notice.link.index : notice.index;
        const link = this.#picture.links.get(index);
        if (link !== undefined) changes.push({ index, up: isUp(link) });
      }
      if (notice.kind === "carrier" && notice.fired) this.#armed = "";
      if (notice.kind === "link-removed") this.#ids.forgetLink(notice.index);
      unbar(this.#allGroups(), notice);
      if (isLoss(notice)) this.#nextScanAt = Math.min(this.#nextScanAt, now + VERIFY_AFTER_MS);
    }
    this.#plansStale ||= concerned;
    return concerned ? changes : undefined;
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
      if (times === 1) this.#log({ id: "interface-not-made", interface: request.name, code, text });
    } else if (times >= REFUSALS_BEFORE_ACTING) {
      const barred = bar(this.#allGroups(), refusal, now);
      if (barred !== undefined) this.#log(barred);
      else if (times === REFUSALS_BEFORE_ACTING) {
        this.#log({ id: "request-failed", operation, code, text: text || remedyFor(request, code) });
      }
    }
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

  #converge(changes: readonly LinkChange[], now: number): void {
    this.#revision++;
    for (const managed of this.#groups) {
      managed.lost = false;
      this.#updateGroup(managed, changes, now);
    }
    this.#adopting = false;
    this.#configured = false;
    for (const managed of this.#groups) if (managed.lost) this.#announce(announcementsOf(managed.group));
    const requests = this.#requests.busy ? [] : this.#missingRequests(now);
    if (requests.length > 0) this.#apply(requests, now);
    this.#settled = !this.#requests.busy && !this.#groups.some(({ group }) => this.#awaitsInterface(group));
    if (!this.#requests.busy) {
      for (const managed of this.#groups) this.#announceIfPlaced(managed, now);
      this.#arm();
    }
    for (const { group, schedule } of this.#groups) this.#announce(schedule.due(group, now));
    this.#watch();
  }

  #updateGroup(managed: Managed, changes: readonly LinkChange[], now: number): void {
    const { group } = managed;
    const carriedUntilNow = carryingMembers(group).map(nameOf).join();
    updateMembers(group, changes, this.#membershipContext(managed, now));
    if (this.#adopting) this.#adopt(group);
    if (this.#configured) this.#reportMissing(group);
    this.#reportStandIn(group);
    endBarring(group, now);
    watchLinkLocals(group, this.#picture, now);
    endSettling(group, now);
    parkSurplusStandbys(group);
    updateRefilling(group);
    reportGroupState(group, (message) => this.#log(message));
    const moved = rehost(group, (message) => this.#log(message));
    const carried = carryingMembers(group).map(nameOf).join();
    endRetirement(group, now);
    if (moved || managed.lost || carried !== carriedUntilNow) {
      managed.announceWhenPlaced = true;
      this.#plansStale = true;
    }
    assertInvariants(group);
  }

  #membershipContext(managed: Managed, now: number): MembershipContext {
    return {
      picture: this.#picture,
      now,
      nextOrder: this.#nextOrder,
      log: (message) => this.#log(message),
      lost: () => {
        managed.lost = true;
      },
    };
  }

  readonly #nextOrder = (): number => ++this.#order;

  #adopt(group: Group): void {
    const hosting = adoptedHosting(group, this.#picture);
    // Longest active of all, so that it stays nominated.
    const nominated = nominatedBefore(group, this.#picture);
    for (const member of group.members) if (nameOf(member) === nominated) member.activatedAs = 0;
    adoptActivity(group, carriedBefore(group, hosting, this.#picture));
    group.hosting = hosting;
  }

  /** After a configuration came in: members without a link. A later removal has a line of its own. */
  #reportMissing(group: Group): void {
    for (const member of group.members) {
      if (member.state !== "absent") continue;
      this.#log({ id: "interface-missing", interface: nameOf(member), group: group.configuration.name });
    }
  }

  #wanted(): Wanted {
    const wanted = nothingWanted();
    wantNamespaceSettings(this.#allGroups(), wanted);
    for (const { group } of this.#groups) wantGroup(group, anchorOf(group, this.#picture), this.#ids, wanted);
    dropClashingRoutes(wanted);
    return wanted;
  }

  #reportStandIn(group: Group): void {
    const link = groupInterface(group, this.#picture);
    if (link === undefined || standIn(link) === "" || this.#standIns.has(link.index)) return;
    this.#standIns.add(link.index);
    this.#log({ id: "stand-in", interface: link.name, kind: link.kind });
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

  #log(message: Message): void {
    this.#messages.push(message);
  }

  #apply(requests: readonly KernelRequest[], now: number): void {
    const id = this.#requests.send(requests, now);
    this.#actions.push({ type: "apply", id, cause: this.#cause, requests });
  }

  #requestDump(now: number): void {
    if (this.#dumpAwaitedUntil !== undefined) return;
    this.#dumpAwaitedUntil = now + DUMP_LIMIT_MS;
    const settingsOf = this.#groups.flatMap(({ group }) => group.members.map(nameOf));
    this.#actions.push({ type: "dump", cause: this.#cause, settingsOf });
  }

  #announceIfPlaced(managed: Managed, now: number): void {
    if (!managed.announceWhenPlaced) return;
    managed.announceWhenPlaced = false;
    managed.schedule.restart(now);
    startRetirement(managed.group, now);
  }

  #announce(announcements: ReturnType<typeof announcementsOf>): void {
    if (announcements.length > 0) this.#actions.push({ type: "announce", cause: this.#cause, announcements });
  }

  /** Plans are worked out when everything is in place: they rely on the objects that they name. */
  #arm(): void {
    if (!this.#plansStale) return;
    this.#plansStale = false;
    const plans = this.#groups.flatMap(({ group }) =>
      failoverPlans(group, anchorOf(group, this.#picture), this.#ids, this.#picture),
    );
    const armed = JSON.stringify(plans);
    if (armed === this.#armed) return;
    this.#armed = armed;
    this.#actions.push({ type: "arm", cause: this.#cause, plans });
  }

  #watch(): void {
    const links = this.#groups.flatMap(({ group }) => group.members.map((member) => member.link));
    const indexes = links.filter((link) => link !== undefined).map((link) => link.index);
    const watched = indexes.join();
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#actions.push({ type: "watch", cause: this.#cause, indexes });
  }

  #wakeAt(now: number): number | undefined {
    const deadlines = [
      this.#nextScanAt,
      this.#dumpAwaitedUntil,
      this.#requests.nextDeadline(now),
      ...this.#groups.flatMap(({ group, schedule }) => [
        schedule.nextAt,
        ...linkLocalDeadlines(group),
        ...[...group.retiring.values()].map((copy) => copy.until),
        ...group.members.flatMap((member) => [member.settlingUntil, ...member.barred.values()]),
      ]),
    ].filter((deadline) => deadline !== undefined);
    return Math.max(now, Math.min(...deadlines));
  }
}

function manage(group: Group): Managed {
  return { group, schedule: new AnnouncementSchedule(), announceWhenPlaced: true, lost: false };
}
