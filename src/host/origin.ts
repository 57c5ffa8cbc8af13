/**
 * Whom something that was kept is about: one boot, and one network namespace of it. The kernel gives the number of a
 * namespace (its inode) to the next one as soon as it is free, and its cookie to nobody else until the next boot.
 */
import { readFileSync, statSync } from "node:fs";

export interface Origin {
  readonly bootId: string;
  /** SO_NETNS_COOKIE, in digits. */
  readonly namespace: string;
  /** The namespace has had its inode since then at least (wall clock, ms). */
  readonly sinceMs: number;
}

/** What a file says of its origin; an earlier version of us knew no cookie. */
export interface KeptOrigin {
  readonly bootId: string;
  readonly namespace?: unknown;
}

export const OWN_NAMESPACE = "/proc/self/ns/net";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** The times in /proc are in this unit for every program, whatever the kernel was built with. */
const TICKS_PER_SECOND = 100;

/** @param path of the network namespace whose cookie that is */
export function originOf(cookie: string, path: string): Origin {
  return { bootId: bootId(), namespace: cookie, sinceMs: sinceMs(path) };
}

export function bootId(): string {
  return readFileSync(BOOT_ID, "utf8").trim();
}

/** @param writtenMs when it was written, on the wall clock */
export function isFrom(kept: KeptOrigin, writtenMs: number, { bootId, namespace, sinceMs }: Origin): boolean {
  if (kept.bootId !== bootId) return false;
  return kept.namespace === undefined ? writtenMs > sinceMs : kept.namespace === namespace;
}

/** A namespace that is mounted somewhere keeps its inode, and that one its time; the first process keeps its namespace. */
function sinceMs(path: string): number {
  const { ino, ctimeMs } = statSync(path);
  const first = firstProcess();
  return first?.namespace === ino ? Math.min(first.startedMs, ctimeMs) : ctimeMs;
}

/** Undefined where we may not look at it. */
function firstProcess(): { readonly namespace: number; readonly startedMs: number } | undefined {
  try {
    const { ino } = statSync("/proc/1/ns/net");
    // The name in brackets may hold spaces; the start is the 22nd field, the 20th behind it.
    const fields = readFileSync("/proc/1/stat", "utf8")
      .replace(/^.*\) /su, "")
      .split(" ");
    const [uptime = ""] = readFileSync("/proc/uptime", "utf8").split(" ");
    const bootedMs = Date.now() - Number(uptime) * 1000;
    return { namespace: ino, startedMs: bootedMs + (Number(fields[19]) / TICKS_PER_SECOND) * 1000 };
  } catch {
    return undefined;
  }
}
