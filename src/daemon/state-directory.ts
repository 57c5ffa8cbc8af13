/** Where a daemon keeps what must survive it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Origin, OWN_NAMESPACE, originOf } from "../host/origin.ts";
import { namespaceCookie } from "../kernel/namespace.ts";
import { DaemonError } from "./errors.ts";

export interface StateFiles {
  /** The sysctl values from before us. */
  readonly settings: string;
  /** What an administrator did, and what was found out. */
  readonly state: string;
  /** Whom both are about. */
  readonly origin: Origin;
}

/**
 * The files of one network namespace (a path, or that of the process). One of each per namespace: indexes of links mean nothing
 * elsewhere, and two daemons may share the directory. The name only keeps those apart that are there at the same time; whose a
 * file is, its origin says.
 * @throws {DaemonError} NO_NAMESPACE; {KernelError} where the kernel does not tell the namespace's cookie
 */
export function stateFiles(directory: string, namespace: string | undefined): StateFiles {
  const path = namespace ?? OWN_NAMESPACE;
  const id = namespaceId(path);
  const origin = originOf(namespaceCookie(namespace), path);
  return { settings: join(directory, `settings-${id}.json`), state: join(directory, `state-${id}.json`), origin };
}

/** The inode by which the kernel tells network namespaces apart for as long as they last. */
function namespaceId(path: string): number {
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
