/**
 * The IPMP machine: facts in, deeds out. One fact a step; all deeds of a step are carried out before the next fact enters.
 *
 * A step takes the fact into the picture of the kernel, brings the groups in line with the picture, works out the whole
 * wanted state of the kernel, and asks for the difference. First start, restart after a crash, reload and a lost notice are
 * all that one path. Pure: no clock, no timer, no randomness, no I/O.
 */
import type { Action, StepResult } from "./actions.ts";
import { adoptActivity, correctActivity, updateRefilling } from "./activity.ts";
import { adoptedHosting, carriedBefore } from "./adoption.ts";
import { AnnouncementSchedule, announcementsOf } from "./announcing.ts";
import type { Configuration } from "./configuration.ts";
import { difference, isOurLink } from "./difference.ts";
import type { MachineEvent } from "./events.ts";
import { carryingMembers, type Group, nameOf, newGroup, newMember } from "./group.ts";
import { rehost } from "./hosting.ts";
import { assertInvariants } from "./invariants.ts";
import type { KernelNotice, KernelOutcome, KernelRequest } from "./kernel-objects.ts";
import {
  endSettling,
  isUp,
  type LinkChange,
  type MembershipContext,
  reportGroupState,
  updateMembers,
} from "./membership.ts";
import type { Message } from "./messages.ts";
import { NextHopIds } from "./next-hop-ids.ts";
import { Picture } from "./picture.ts";
import { failoverPlans } from "./plans.ts";
import { Retries, requestName } from "./retries.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { type Anchor, nothingWanted, type Wanted, wantGroup, wantNamespaceSettings } from "./wanted.ts";

/** Notices can be lost without a word; the original scans as often. */
const FULL_SCAN_MS = 20_000;
/** After a loss the kernel drops IPv4 routes unannounced: look again soon, when the dust has settled. */
const VERIFY_AFTER_MS = 200;
/** A request or dump unanswered for so long is given up, and a dump tells what became of it. */
const ANSWER_LIMIT_MS = 5_000;
/** How long the notice of a link that we made may take. */
const NEW_LINK_LIMIT_MS = 1_000;
/** From this refusal on in succession: a single one is often a race with the kernel itself, and heals by itself. */
const REFUSALS_BEFORE_LOGGING = 2;
/** What asking to remove something that is not there brings: it is as wanted. */
const ABSENT = new Set(["ENODEV", "EADDRNOTAVAIL", "ENOENT", "ESRCH", "ENXIO"]);

interface Pending {
  readonly id: number;
  readonly requests: readonly KernelRequest[];
  readonly until: number;
}

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
  readonly #retries = new Retries();
  readonly #managedLinks = new Set<string>();
  #groups: Managed[] = [];
  #seen = false;
  #adopting = true;
  #configured = false;
  #settled = false;
  #order = 0;
  #requestId = 0;
  #pending: Pending | undefined;
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
    if (this.#seen) this.#converge(changes, now);
    for (const message of this.#messages) this.#actions.push({ type: "log", cause: this.#cause, message });
    return { actions: this.#actions, wakeAt: this.#seen ? this.#wakeAt(now) : this.#dumpAwaitedUntil };
  }

  /** True when nothing is left to be done now: all that is wanted is in place, or rests after the kernel refused it. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The picture that tools show. */
  snapshot(): Snapshot {
    return takeSnapshot(this.#groups.map(({ group }) => group));
  }

  #take(event: MachineEvent, now: number): LinkChange[] {
    if (event.type !== "timer") this.#plansStale = true;
    switch (event.type) {
      case "configure":
        this.#configure(event.configuration);
        this.#requestDump(now);
        return [];
      case "dump":
        this.#picture.replace(event.picture);
        this.#seen = true;
        this.#dumpAwaitedUntil = undefined;
        this.#nextScanAt = now + FULL_SCAN_MS;
        return [];
      case "notices":
        return this.#takeNotices(event.notices, now);
      case "overrun":
        this.#log({ id: "notices-lost" });
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
    if (configuration.groups.length === 0) this.#managedLinks.add("*");
    else this.#managedLinks.delete("*");
  }

  /** Applies the notices and returns the ups and downs among them, in order. */
  #takeNotices(notices: readonly KernelNotice[], now: number): LinkChange[] {
    const changes: LinkChange[] = [];
    for (const notice of notices) {
      this.#picture.apply(notice);
      if (notice.kind === "link" || notice.kind === "carrier") {
        const index = notice.kind === "link" ? notice.link.index : notice.index;
        const link = this.#picture.links.get(index);
        if (link !== undefined) changes.push({ index, up: isUp(link) });
      }
      if (notice.kind === "carrier" && notice.fired) this.#armed = "";
      if (notice.kind === "link-removed") this.#ids.forgetLink(notice.index);
      if (isLoss(notice)) this.#nextScanAt = Math.min(this.#nextScanAt, now + VERIFY_AFTER_MS);
    }
    return changes;
  }

  #takeOutcomes(id: number, outcomes: readonly KernelOutcome[], now: number): void {
    const pending = this.#pending;
    if (pending === undefined || pending.id !== id) return;
    this.#pending = undefined;
    pending.requests.forEach((request, at) => {
      const outcome = outcomes[at];
      if (outcome?.ok || isAsWanted(request, outcome)) this.#granted(request, now);
      else if (outcome !== undefined) this.#refused(request, outcome, now);
    });
  }

  #granted(request: KernelRequest, now: number): void {
    this.#picture.confirm(request);
    this.#retries.succeeded(request);
    if (request.op === "create-link") this.#retries.holdBack(request, now + NEW_LINK_LIMIT_MS);
    if (request.op === "restore-settings") {
      if (request.link === "*") this.#managedLinks.clear();
      else this.#managedLinks.delete(request.link);
    }
  }

  #refused(request: KernelRequest, outcome: KernelOutcome & { ok: false }, now: number): void {
    const refusals = this.#retries.refused(request, now);
    if (refusals === REFUSALS_BEFORE_LOGGING) {
      const { code, text } = outcome;
      this.#log({ id: "request-failed", operation: requestName(request), code, text });
    }
    this.#requestDump(now);
  }

  #giveUpWaiting(now: number): void {
    const lost = this.#pending !== undefined && this.#pending.until <= now;
    if (lost) this.#pending = undefined;
    const overdue = this.#dumpAwaitedUntil !== undefined && this.#dumpAwaitedUntil <= now;
    if (overdue) this.#dumpAwaitedUntil = undefined;
    if (lost || overdue) this.#requestDump(now);
  }

  // ---- judgement ----

  #converge(changes: readonly LinkChange[], now: number): void {
    for (const managed of this.#groups) {
      managed.lost = false;
      this.#updateGroup(managed, changes, now);
    }
    this.#adopting = false;
    this.#configured = false;
    for (const managed of this.#groups) if (managed.lost) this.#announce(announcementsOf(managed.group));
    const requests = this.#pending === undefined ? this.#missingRequests(now) : [];
    if (requests.length > 0) this.#apply(requests, now);
    this.#settled =
      this.#pending === undefined && this.#groups.every(({ group }) => this.#anchorOf(group).on !== "nothing");
    if (this.#pending === undefined) {
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
    endSettling(group, (link) => this.#picture.hasUsableLinkLocal(link.index), now);
    updateRefilling(group);
    reportGroupState(group, (message) => this.#log(message));
    const moved = rehost(group, (message) => this.#log(message));
    const carried = carryingMembers(group).map(nameOf).join();
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
    wantNamespaceSettings(
      this.#groups.map(({ group }) => group),
      wanted,
    );
    for (const { group } of this.#groups) wantGroup(group, this.#anchorOf(group), this.#ids, wanted);
    return wanted;
  }

  #anchorOf(group: Group): Anchor {
    const { name, groupInterface } = group.configuration;
    const link = this.#picture.linkNamed(name);
    if (groupInterface && link !== undefined && isOurLink(link)) return { on: "link", link };
    if (groupInterface && !this.#retries.wasRefused(`create-link ${name}`)) return { on: "nothing" };
    const loopback = this.#picture.linkNamed("lo");
    return loopback === undefined ? { on: "nothing" } : { on: "loopback", index: loopback.index };
  }

  #missingRequests(now: number): KernelRequest[] {
    const wanted = this.#wanted();
    for (const { link } of wanted.settings) this.#managedLinks.add(link);
    const requests = difference(this.#picture, wanted, this.#managedLinks);
    return requests.filter((request) => !this.#retries.isResting(request, now));
  }

  // ---- deeds ----

  #log(message: Message): void {
    this.#messages.push(message);
  }

  #apply(requests: readonly KernelRequest[], now: number): void {
    const id = ++this.#requestId;
    this.#pending = { id, requests, until: now + ANSWER_LIMIT_MS };
    this.#actions.push({ type: "apply", id, cause: this.#cause, requests });
  }

  #requestDump(now: number): void {
    if (this.#dumpAwaitedUntil !== undefined) return;
    this.#dumpAwaitedUntil = now + ANSWER_LIMIT_MS;
    const settingsOf = this.#groups.flatMap(({ group }) => group.members.map(nameOf));
    this.#actions.push({ type: "dump", cause: this.#cause, settingsOf });
  }

  #announceIfPlaced(managed: Managed, now: number): void {
    if (!managed.announceWhenPlaced) return;
    managed.announceWhenPlaced = false;
    managed.schedule.restart(now);
  }

  #announce(announcements: ReturnType<typeof announcementsOf>): void {
    if (announcements.length > 0) this.#actions.push({ type: "announce", cause: this.#cause, announcements });
  }

  /** Plans are worked out when everything is in place: they rely on the objects that they name. */
  #arm(): void {
    if (!this.#plansStale) return;
    this.#plansStale = false;
    const plans = this.#groups.flatMap(({ group }) =>
      failoverPlans(group, this.#anchorOf(group), this.#ids, this.#picture),
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
      this.#pending?.until,
      this.#dumpAwaitedUntil,
      this.#retries.nextDeadline(now),
      ...this.#groups.flatMap(({ group, schedule }) => [
        schedule.nextAt,
        ...group.members.map((member) => member.settlingUntil),
      ]),
    ].filter((deadline) => deadline !== undefined);
    return Math.max(now, Math.min(...deadlines));
  }
}

function manage(group: Group): Managed {
  return { group, schedule: new AnnouncementSchedule(), announceWhenPlaced: true, lost: false };
}

function isLoss(notice: KernelNotice): boolean {
  if (notice.kind === "link") return !isUp(notice.link);
  if (notice.kind === "carrier") return !notice.carrier;
  return notice.kind.endsWith("-removed");
}

/** Refused, and yet as wanted: what was to be removed is not there, or this kernel has no such setting. */
function isAsWanted(request: KernelRequest, outcome: KernelOutcome | undefined): boolean {
  if (outcome === undefined || outcome.ok || !ABSENT.has(outcome.code)) return false;
  return request.op.startsWith("remove-") || request.op.endsWith("-settings") || request.op === "set-setting";
}

/** A few words for the log: what set this step off. */
function describe(event: MachineEvent): string {
  switch (event.type) {
    case "notices":
      return [...new Set(event.notices.map((notice) => notice.kind))].join(", ");
    case "outcomes":
      return `outcomes ${event.id}`;
    case "configure":
    case "dump":
    case "overrun":
    case "timer":
      return event.type;
  }
}
