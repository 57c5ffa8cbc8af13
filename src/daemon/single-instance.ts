/**
 * One daemon per network namespace. The lock is a packet socket: the kernel keeps groups of them (PACKET_FANOUT) by number and
 * network namespace, and ours takes one member. So it is taken at once or not at all, it vanishes with its process, and it
 * is the same from everywhere: in containers that share a network but no file, and whatever the runtime directory.
 *
 * What matters most: nobody takes it who may not send frames anyway (CAP_NET_RAW). A name in the abstract socket namespace, a port
 * or a file in a directory for all could be taken by any user, who would keep the daemon from starting. A file in a directory
 * of root's is another one in each container, and is gone when a service manager clears away the directory of one of two daemons.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { ControlError } from "../control/errors.ts";
import { LOCK_PROTOCOL, takeNamespaceLock } from "../kernel/namespace-lock.ts";

export class SingleInstance {
  #giveBack: (() => void) | undefined;

  private constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** @throws {ControlError} ALREADY_RUNNING; {KernelError} without CAP_NET_RAW */
  static acquire(): SingleInstance {
    const giveBack = takeNamespaceLock();
    if (giveBack !== undefined) return new SingleInstance(giveBack);
    const text =
      "Cannot start: is another instance of ipmpd already active? The lock of this network namespace " +
      `is held by ${holder()}. Stop that process, or start this one in a network namespace of its own.`;
    throw new ControlError("ALREADY_RUNNING", text);
  }

  /** Gives the lock back. Harmless when repeated. */
  release(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}

/** From what the kernel says, never from what the holder says. */
function holder(): string {
  try {
    const inodes = lockInodes();
    const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && hasSocket(entry, inodes));
    if (pid !== undefined) return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
  } catch {
    // Gone in the meantime, or /proc is not to be read: the lock is held all the same.
  }
  return "a process that cannot be seen from here (in another container)";
}

/** Inodes of the packet sockets with the protocol of the lock: the last of the columns that have a name. */
function lockInodes(): Set<string> {
  const rows = readFileSync("/proc/thread-self/net/packet", "utf8").split("\n");
  return new Set(
    rows.flatMap((row) => {
      const [, , , protocol, , , , , inode] = row.trim().split(/\s+/);
      return protocol === LOCK_PROTOCOL && inode !== undefined ? [inode] : [];
    }),
  );
}

function hasSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    // One by one: the last of our own is that of this very look, and gone.
    return readdirSync(`/proc/${pid}/fd`).some((file) => {
      const target = readlinkSync(`/proc/${pid}/fd/${file}`);
      return inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
    });
  } catch {
    return false;
  }
}
