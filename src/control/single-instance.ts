/**
 * One daemon per network namespace. The lock is a listening socket in the abstract namespace, which the kernel keeps
 * per network namespace: taking it is atomic, and it vanishes with its process, so that no crash leaves a stale lock.
 *
 * Anybody may take a free abstract name, so a local user could keep the daemon from starting. The error therefore
 * names the holder from what the kernel says (/proc), never from what the holder says.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { ControlError, systemCode } from "./errors.ts";

/** sun_path is 108 bytes. Node versions differ in padding abstract names; a full-length one is the same in all. */
const ABSTRACT_NAME_BYTES = 108;

export class SingleInstance {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Takes the lock `name`, or throws ControlError ALREADY_RUNNING. Does not by itself keep the process alive. */
  static async acquire(name = "ipmpd"): Promise<SingleInstance> {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(refusal(name, error)));
      server.listen(`\0${name}`.padEnd(ABSTRACT_NAME_BYTES, "\0"), resolve);
    });
    server.unref();
    return new SingleInstance(server);
  }

  /** Gives the lock back. Harmless when repeated. */
  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function refusal(name: string, cause: Error): ControlError {
  if (systemCode(cause) !== "EADDRINUSE") {
    const text = `Cannot take the lock "${name}" of this network namespace: ${cause.message}`;
    return new ControlError("CANNOT_LISTEN", text, { cause });
  }
  const text =
    `Cannot start: is another instance of ipmpd already active? The lock "${name}" of this network namespace ` +
    `is held by ${holder(name)}. Stop that process, or start this one in a network namespace of its own.`;
  return new ControlError("ALREADY_RUNNING", text, { cause });
}

function holder(name: string): string {
  try {
    const inode = listenerInode(name);
    const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && hasSocket(entry, inode));
    if (pid !== undefined) return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
  } catch {
    // Gone in the meantime, or /proc is not to be read: the lock is held all the same.
  }
  return "a process that cannot be seen from here (of another user, or in another container)";
}

/** Inode of the listening socket, from /proc/net/unix, where NUL bytes of abstract names show as "@". */
function listenerInode(name: string): string {
  for (const line of readFileSync("/proc/thread-self/net/unix", "utf8").split("\n")) {
    const [, , , flags, , , inode, path] = line.trim().split(/\s+/);
    if (path?.replace(/@+$/, "") === `@${name}` && flags === "00010000" && inode !== undefined) return inode;
  }
  throw new Error(`No listener named ${name}`);
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}
