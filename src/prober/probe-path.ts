/** What a program asks of the prober, and how much of it. */
import type { ProbeMethod } from "../core/actions.ts";

/** One source on one interface, and whom it asks. */
export interface ProbePath {
  /** Name of the interface by which probes leave, and by which answers must come in. Looked up when `probe` is called. */
  readonly interface: string;
  /** An address of this host on that interface; it need not be there yet. Needed with `echo`, not to be given with `arp`. */
  readonly source?: string;
  /** Addresses of other hosts on the same link, of the family of the source. Each is asked once a round. May be empty with `discover`. */
  readonly targets: readonly string[];
  /** Length (ms) of a step, 0.1 to 3,600,000. In each step `burst` probes leave, displaced by half to a whole step. */
  readonly intervalMs: number;
  /** An answer that takes longer (ms) is late: the probe is lost when the next one is due. Default: `intervalMs`. */
  readonly timeoutMs?: number;
  /** So many probes leave in each step, 1 to 1024. Default 1. */
  readonly burst?: number;
  /** `echo` (default): ICMP or ICMPv6 echo requests. `arp`: ARP requests that name no sender; IPv4, for hosts on the same link. */
  readonly method?: ProbeMethod;
  /** Ask the multicast group of all hosts in each step, too; answers are `discovered`. Default false; not with `arp`. */
  readonly discover?: boolean;
  /**
   * After a loss send a copy of each probe (of one in each step) in a frame to all hosts on the link, too, until ten plain ones are answered:
   * an entry of the kernel's table of neighbours that somebody forged makes no host look silent then. Default false; not with `arp`.
   */
  readonly secondOpinion?: boolean;
  /** Up to 64 characters: tells paths of the same interface, source and method apart. Default "". */
  readonly name?: string;
}

/** More is refused. */
export const PROBE_LIMITS = {
  paths: 4096,
  targetsOfPath: 4096,
  targets: 65_536,
  burst: 1024,
  minimumIntervalMs: 0.1,
  maximumIntervalMs: 3_600_000,
  nameLength: 64,
} as const;
