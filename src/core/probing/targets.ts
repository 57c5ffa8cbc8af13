/**
 * Whom one instance probes. Targets are named, by the configuration or by a route; or else they are hosts, found by asking all of
 * them. Hosts serve only where no named target is known, or all are dead (the original gave up then).
 */
import type { TargetSnapshot, TargetState } from "../snapshot.ts";
import { RoundTrip } from "./round-trip.ts";

export type TargetKind = TargetSnapshot["kind"];

/** So many are probed; more would only make each of them count later. */
export const MOST_ACTIVE = 5;
/** So many are tried again when none is left. */
const MOST_REACTIVATED = 3;
/** A slow or dead target moves one step back towards use after so long. */
const RECOVERY_MS = 60_000;

/** In this order they are asked, and preferred. */
const RANKS: Readonly<Record<TargetKind, number>> = { configured: 0, "host-route": 1, router: 2, host: 3 };

export interface Target {
  readonly address: string;
  kind: TargetKind;
  state: TargetState;
  /** It was set aside as dead, and is "slow" only in that half of its time is over. */
  isFoundDead: boolean;
  /** Monotonic ms since when it is in that state. */
  since: number;
  /** People know that it is too slow: it is tried again each minute, and that is no news. */
  isKnownToBeSlow: boolean;
  /** People know that it answers only what is sent to all: see `astray.ts`. */
  isAstray: boolean;
  readonly roundTrip: RoundTrip;
}

/** A named target as it ought to be. `dead`: all others of the group hold it to be dead. */
export interface WantedTarget {
  readonly address: string;
  readonly kind: Exclude<TargetKind, "host">;
  readonly dead: boolean;
}

export class TargetList {
  #targets: Target[] = [];
  #activeCount = 0;
  #hostCount = 0;
  /** Nothing recovers before this (monotonic ms): spares the look at every target with every result. */
  #recoveryAt = Number.POSITIVE_INFINITY;

  /** All of them, in the order in which they are asked. */
  get all(): readonly Target[] {
    return this.#targets;
  }

  get activeCount(): number {
    return this.#activeCount;
  }

  get hostCount(): number {
    return this.#hostCount;
  }

  get active(): Target[] {
    return this.#targets.filter(isActive);
  }

  get hosts(): Target[] {
    return this.#targets.filter(isHost);
  }

  get hasNamed(): boolean {
    return this.#targets.some(isNamed);
  }

  /** Hosts may be used: no named target is known, or each one is dead. */
  get admitsHosts(): boolean {
    return this.#targets.every((target) => isHost(target) || isOut(target));
  }

  get(address: string): Target | undefined {
    for (const target of this.#targets) if (target.address === address) return target;
    return undefined;
  }

  /**
   * Takes the named targets as they ought to be, in order of preference; those that stay keep their state. `keepRoutes`: routers
   * stay although their routes are gone, since a failure may have taken those. `hosts`: what others found, to be used if needed.
   */
  sync(wanted: readonly WantedTarget[], hosts: readonly string[], keepRoutes: boolean, now: number): void {
    const places = new Map(wanted.map(({ address }, place) => [address, place]));
    const stays = (target: Target) =>
      places.has(target.address) || isHost(target) || (keepRoutes && target.kind !== "configured");
    this.#targets = this.#targets.filter(stays);
    for (const one of wanted) this.#want(one, now);
    for (const host of hosts) this.addHost(host, now);
    const placeOf = ({ address, kind }: Target) => places.get(address) ?? places.size + RANKS[kind];
    this.#targets.sort((left, right) => placeOf(left) - placeOf(right));
    this.#settle(now);
  }

  /** A host answered the question to all; false where it is not needed. */
  addHost(address: string, now: number): boolean {
    // Beside dead targets one place stays free, in which they are tried again by and by.
    const places = this.hasNamed ? MOST_ACTIVE - 1 : MOST_ACTIVE;
    if (!this.admitsHosts || this.hosts.length >= places || this.get(address) !== undefined) return false;
    this.#targets.push({
      address,
      kind: "host",
      state: "active",
      isFoundDead: false,
      since: now,
      isKnownToBeSlow: false,
      isAstray: false,
      roundTrip: new RoundTrip(),
    });
    this.#settle(now);
    return true;
  }

  dropHosts(now: number): void {
    this.#targets = this.#targets.filter(isNamed);
    this.#settle(now);
  }

  /** It is not probed for a while; a host is dropped for good. */
  setAside(target: Target, state: "slow" | "dead", now: number): void {
    if (isHost(target)) this.#targets = this.#targets.filter((other) => other !== target);
    put(target, state, now);
    target.roundTrip.reset();
    this.#settle(now);
  }

  /** Hosts stand in for the named targets from now on, until one of those answers again. */
  replaceNamed(host: string, now: number): void {
    for (const target of this.#targets) {
      if (isHost(target) || target.state === "dead") continue;
      put(target, "dead", now);
      target.roundTrip.reset();
    }
    if (!this.addHost(host, now)) this.#settle(now);
  }

  /** It answers somebody again: it is probed at once, if there is room. */
  revive(address: string, now: number): void {
    const target = this.get(address);
    if (target === undefined || !isOut(target)) return;
    put(target, "unused", now);
    this.#settle(now);
  }

  /** Slow and dead ones whose time is over move one step back towards use; true where one did. */
  recover(now: number): boolean {
    if (now <= this.#recoveryAt) return false;
    for (const target of this.#targets) {
      if (!hasRecovered(target, now)) continue;
      put(target, target.state === "dead" ? "slow" : "unused", now);
    }
    this.#settle(now);
    return true;
  }

  forgetRoundTrips(): void {
    for (const { roundTrip } of this.#targets) roundTrip.reset();
  }

  awaitFirstAnswers(): void {
    for (const { roundTrip } of this.#targets) roundTrip.awaitFirstAnswer();
  }

  clear(): void {
    this.#targets = [];
    this.#settle(Number.POSITIVE_INFINITY);
  }

  #want({ address, kind, dead }: WantedTarget, now: number): void {
    const known = this.get(address);
    if (known !== undefined && isNamed(known)) {
      known.kind = kind;
      return;
    }
    // A host that turns out to be a router stays probed; hosts in general are not needed beside a living router.
    this.#targets = this.#targets.filter((target) => target !== known && (dead || isNamed(target)));
    const state = dead ? "dead" : "unused";
    const fresh = { isKnownToBeSlow: false, isAstray: false, roundTrip: new RoundTrip() };
    const { isKnownToBeSlow, isAstray, roundTrip } = known ?? fresh;
    this.#targets.push({ address, kind, state, isFoundDead: dead, since: now, isKnownToBeSlow, isAstray, roundTrip });
    const worst = this.#targets.findLast((target) => isActive(target) && RANKS[target.kind] > RANKS[kind]);
    if (state === "unused" && worst !== undefined && this.active.length >= MOST_ACTIVE) put(worst, "unused", now);
  }

  /** Fills up to the number that are probed; where nobody is left, some are tried again. */
  #settle(now: number): void {
    this.#activate("unused", MOST_ACTIVE - this.active.length, now);
    if (this.active.length === 0) this.#reactivate(now);
    this.#activeCount = this.active.length;
    this.#hostCount = this.hosts.length;
    this.#recoveryAt = Math.min(...this.#targets.filter(isOut).map(({ since }) => since + RECOVERY_MS));
  }

  #activate(state: TargetState, most: number, now: number): void {
    const chosen = this.#targets.filter((target) => target.state === state).slice(0, Math.max(0, most));
    for (const target of chosen) put(target, "active", now);
  }

  /** Nobody is left: the best that there are, though they were slow or dead. */
  #reactivate(now: number): void {
    const slow = this.#targets.filter(({ state }) => state === "slow");
    const dead = this.#targets.filter(({ state }) => state === "dead");
    const recovered = (targets: readonly Target[]) => targets.filter((target) => hasRecovered(target, now));
    const best = [recovered(slow), slow, recovered(dead), dead].find((targets) => targets.length > 0) ?? [];
    for (const target of best.slice(0, MOST_REACTIVATED)) put(target, "active", now);
  }
}

function isActive({ state }: Target): boolean {
  return state === "active";
}

function isHost({ kind }: Target): boolean {
  return kind === "host";
}

function isNamed(target: Target): boolean {
  return !isHost(target);
}

/** Not probed for a while. */
function isOut({ state }: Target): boolean {
  return state === "slow" || state === "dead";
}

function hasRecovered(target: Target, now: number): boolean {
  return isOut(target) && now - target.since > RECOVERY_MS;
}

function put(target: Target, state: TargetState, now: number): void {
  if (state !== "slow") target.isFoundDead = state === "dead";
  target.state = state;
  target.since = now;
}
