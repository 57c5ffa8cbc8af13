/** Where a daemon keeps what must survive it. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DaemonError } from "./errors.ts";

export interface StateFiles {
  /** The sysctl values from before us. */
  readonly settings: string;
  /** What an administrator did, and what was found out. */
  readonly state: string;
}

/**
 * The files of one network namespace (a path, or that of the process), in a directory that is made if missing. One of each per
 * namespace: indexes of links mean nothing elsewhere, and two daemons may share the directory.
 * @throws {DaemonError} STATE_DIRECTORY, NO_NAMESPACE
 */
export function stateFiles(directory: string, namespace: string | undefined): StateFiles {
  makeDirectory(directory);
  return stateFilesIn(directory, namespace);
}

/**
 * The same of a directory that need not be there: nothing is made.
 * @throws {DaemonError} NO_NAMESPACE
 */
export function stateFilesIn(directory: string, namespace: string | undefined): StateFiles {
  const id = namespaceId(namespace);
  return { settings: join(directory, `settings-${id}.json`), state: join(directory, `state-${id}.json`) };
}

function makeDirectory(path: string): void {
  try {
    // Not `recursive`: below a file system that can not have folders (/proc) Node 20 would try for ever.
    if (!existsSync(path)) mkdirSync(path, { mode: 0o755 });
  } catch (cause) {
    const text = `Cannot make the state directory ${path}: ${reasonOf(cause)}. Make its parent, or choose another one`;
    throw new DaemonError("STATE_DIRECTORY", text, { cause });
  }
}

/** The inode by which the kernel tells network namespaces apart. */
function namespaceId(path = "/proc/self/ns/net"): number {
  try {
    return statSync(path).ino;
  } catch (cause) {
    const text = `Cannot find the network namespace ${path}: ${reasonOf(cause)}. Make it with \`ip netns add\``;
    throw new DaemonError("NO_NAMESPACE", text, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
