/**
 * The door to Linux, as the daemon sees it: one implementation on the addon (`rtnetlink.ts`), one simulated in the tests.
 * All calls are synchronous: the kernel answers rtnetlink requests within the system call.
 */
import type { FailoverPlan } from "../core/actions.ts";
import type {
  Announcement,
  KernelNotice,
  KernelOutcome,
  KernelPicture,
  KernelRequest,
} from "../core/kernel-state/kernel-objects.ts";

export interface KernelListener {
  /** What the kernel reported, in its order. Called from the event loop, never from within another call. */
  notices(notices: readonly KernelNotice[]): void;
  /** Notices were lost; only a dump can tell what is there now. */
  overrun(): void;
  /** What is needed on the way back can not be kept, in a whole sentence; work goes on. */
  failed?(text: string): void;
  /** It can again. */
  recovered?(text: string): void;
  /** Everything has been read: now and then the moment to try again what did not work. */
  scanned?(): void;
}

/** What the I/O thread was allowed, for the log. */
export interface KernelStatus {
  /** SCHED_FIFO in force, or the reason why not. */
  readonly realtime: true | string;
  /** The thread's memory is locked, or the reason why not. */
  readonly locked: true | string;
  /** Notices dropped since the start (each burst was answered by an overrun). */
  readonly dropped: number;
  /** Armed failover plans carried out since the start. */
  readonly plansFired: number;
}

export interface KernelPort {
  /** Reads everything; repeats interrupted dumps (NLM_F_DUMP_INTR) by itself. */
  dump(settingsOf: readonly string[]): KernelPicture;
  /** One outcome per request, in order; later requests are tried even when an earlier one failed. */
  apply(requests: readonly KernelRequest[]): readonly KernelOutcome[];
  announce(announcements: readonly Announcement[]): void;
  /** Replaces the whole set of armed failover plans. */
  arm(plans: readonly FailoverPlan[]): void;
  /** Carries out the armed plan of this link now, and uses it up. False where there is none. */
  fire(index: number): boolean;
  /** Replaces the set of links whose carrier is watched. */
  watch(indexes: readonly number[]): void;
  status(): KernelStatus;
  /** Ends the I/O thread and closes every descriptor. Nothing is called back afterwards. */
  close(): void;
}
