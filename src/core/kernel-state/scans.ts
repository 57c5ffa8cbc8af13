/** When the kernel is read anew: now and then, after a loss, and when an answer does not come. */
import { raisesDoubt } from "../members/families.ts";
import { isLoss } from "../members/links.ts";
import type { KernelNotice } from "./kernel-objects.ts";
import type { Picture } from "./picture.ts";

/** Notices can be lost without a word; the original scans as often. */
const FULL_SCAN_MS = 20_000;
/** After a loss the kernel drops IPv4 routes unannounced: look again soon, when the dust has settled. */
const VERIFY_AFTER_MS = 200;
/** A dump unanswered for so long is asked for again. */
const DUMP_LIMIT_MS = 5_000;

export class Scans {
  #seen = false;
  #nextAt = Number.POSITIVE_INFINITY;
  #afterThatAt = Number.POSITIVE_INFINITY;
  #awaitedUntil = Number.POSITIVE_INFINITY;

  /** The kernel has been read once at least. */
  get seen(): boolean {
    return this.#seen;
  }

  /** A dump is to be asked for now; false where one is under way. */
  ask(now: number): boolean {
    if (this.#awaitedUntil !== Number.POSITIVE_INFINITY) return false;
    this.#awaitedUntil = now + DUMP_LIMIT_MS;
    return true;
  }

  /** What is under way may have been read too early: it does not count. */
  discard(): void {
    this.#awaitedUntil = Number.POSITIVE_INFINITY;
  }

  /** The dump is there. */
  done(now: number): void {
    this.#seen = true;
    this.discard();
    this.#nextAt = Math.min(now + FULL_SCAN_MS, this.#afterThatAt);
    this.#afterThatAt = Number.POSITIVE_INFINITY;
  }

  /** Before the picture takes it. */
  notice(notice: KernelNotice, isNews: boolean, picture: Picture, now: number): void {
    if (isNews && raisesDoubt(notice, picture)) this.#lookNow(now);
    if (isLoss(notice)) this.verifySoon(now);
  }

  /** Something has happened that only a look can explain: one is due at once, and another when the dust has settled. */
  #lookNow(now: number): void {
    this.#afterThatAt = now + VERIFY_AFTER_MS;
    this.#nextAt = Math.min(this.#nextAt, now);
  }

  /** Something was lost: what else has gone with it the kernel does not tell. */
  verifySoon(now: number): void {
    this.#nextAt = Math.min(this.#nextAt, now + VERIFY_AFTER_MS);
  }

  isDue(now: number): boolean {
    return now >= this.#nextAt;
  }

  /** Gives up one that was not answered in time; true when that happened. */
  expire(now: number): boolean {
    if (this.#awaitedUntil > now) return false;
    this.discard();
    return true;
  }

  /** Monotonic ms of the next thing to do. */
  get deadline(): number {
    return Math.min(this.#seen ? this.#nextAt : Number.POSITIVE_INFINITY, this.#awaitedUntil);
  }
}
