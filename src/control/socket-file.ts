/**
 * Unix sockets with the right owner and mode from the first moment they can be seen, and never on top of a live one.
 * The socket is bound under a random name, dressed, and then linked to its real name, which fails if that exists.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, link, lstat, mkdir, readFile, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import { ControlError, systemCode } from "./errors.ts";

/** sun_path without its closing NUL. */
const LONGEST_PATH_BYTES = 107;
/** Only a rival that takes and drops the name each time could make us lose more than once. */
const ATTEMPTS = 5;

export interface Access {
  readonly mode: number;
  /** Numeric group id, or undefined to leave it. */
  readonly group?: number | undefined;
}

/** Root and the group ipmp where it exists, root alone otherwise. */
export async function controlAccess(groupFile = "/etc/group"): Promise<Access> {
  const text = await readFile(groupFile, "utf8").catch(() => "");
  const entry = /^ipmp:[^:]*:(\d+):/m.exec(text);
  return entry === null ? { mode: 0o600 } : { mode: 0o660, group: Number(entry[1]) };
}

/** Makes the directory, 0755 whatever the umask, unless it is there. */
export async function makeRuntimeDirectory(path: string): Promise<void> {
  try {
    // Not `recursive`: below a file system that can not have folders (/proc) Node 20 would try for ever.
    if (existsSync(path)) return;
    await mkdir(path);
    await chmod(path, 0o755);
  } catch (cause) {
    const text = `Cannot make the runtime directory ${path}: ${systemCode(cause)}. Run as root, make its parent, or choose another one`;
    throw new ControlError("CANNOT_LISTEN", text, { cause });
  }
}

/**
 * Lets `server` listen at `path`. A file left behind by a dead daemon is replaced; a live one gives ControlError
 * ALREADY_RUNNING. Answers with a function that takes the file away again, if it is still ours.
 */
export async function listenAt(server: Server, path: string, access: Access): Promise<() => Promise<void>> {
  const temporary = join(dirname(path), `.${randomBytes(4).toString("hex")}`);
  for (const name of [path, temporary]) checkLength(name);
  try {
    server.listen(temporary);
    await once(server, "listening");
    await chmod(temporary, access.mode);
    if (access.group !== undefined) await chown(temporary, -1, access.group);
    const ours = (await lstat(temporary)).ino;
    await publish(temporary, path);
    return () => removeIfSame(path, ours);
  } catch (error) {
    server.close();
    if (error instanceof ControlError) throw error;
    throw new ControlError("CANNOT_LISTEN", `Cannot listen on ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    // Where it could not be made it is not there to be removed.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function checkLength(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= LONGEST_PATH_BYTES) return;
  const text = `Cannot listen on ${path}: ${bytes} bytes; the kernel takes at most ${LONGEST_PATH_BYTES}. Choose a shorter runtime directory`;
  throw new ControlError("CANNOT_LISTEN", text);
}

async function publish(temporary: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await link(temporary, path);
    } catch (error) {
      if (systemCode(error) !== "EEXIST" || attempt === ATTEMPTS) throw error;
    }
    await clearStale(path);
  }
}

async function clearStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ControlError("CANNOT_LISTEN", `Cannot listen on ${path}: a file that is no socket is in the way`);
  }
  if (await isLive(path)) {
    const text =
      `Cannot start: is another instance of ipmpd already active? One answers on ${path}. ` +
      "Stop it, or, for another network namespace, give this one a runtime directory of its own.";
    throw new ControlError("ALREADY_RUNNING", text);
  }
  await removeIfSame(path, found.ino);
}

/** A refused connection means that nobody listens; every other answer (even a full backlog) means that somebody does. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(systemCode(error))));
  });
}

async function removeIfSame(path: string, inode: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.ino === inode) await rm(path, { force: true });
}
