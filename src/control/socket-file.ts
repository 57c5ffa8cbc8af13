/**
 * Unix sockets with the right owner and mode from the first moment they can be reached, and never on top of a live one.
 * The socket is bound in a directory that is closed to all others, whatever the umask; gets its owner and mode there; and is then
 * linked to its real name, which fails if that exists. The runtime directory is one that nobody else can write into.
 */
import { once } from "node:events";
import { chmod, chown, link, lstat, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import { makeSafeDirectory, UnsafeDirectoryError } from "../host/safe-directory.ts";
import { shortageRemedy } from "../host/shortage.ts";
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

/**
 * Makes the directory, 0755 whatever the umask, unless it is there.
 * @throws {ControlError} CANNOT_LISTEN where somebody else could exchange it or what is in it, and where its parent is missing;
 *   CANNOT_LISTEN_YET where it can not be made for another reason
 */
export function makeRuntimeDirectory(path: string): void {
  try {
    makeSafeDirectory(path);
  } catch (cause) {
    if (cause instanceof UnsafeDirectoryError) {
      throw new ControlError("CANNOT_LISTEN", `Cannot use the runtime directory ${path}: ${cause.message}`, { cause });
    }
    const code = systemCode(cause);
    if (WRONG_PATH.has(code)) {
      const text = `Cannot make the runtime directory ${path}: ${code}. Make its parent, or choose another one`;
      throw new ControlError("CANNOT_LISTEN", text, { cause });
    }
    const text = `Cannot make the runtime directory ${path}: ${obstacle(code)}`;
    throw new ControlError("CANNOT_LISTEN_YET", text, { cause });
  }
}

/** Nothing that passes: the words of the command line lead nowhere. */
const WRONG_PATH: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

const OTHERWISE = "or name another directory with --runtime-dir";

/** What keeps us from making a name, and the remedy: what follows a colon. */
function obstacle(code: string): string {
  if (code === "ENOSPC" || code === "EDQUOT") return `its file system has no room left (${code}): make room there`;
  if (code === "EROFS") return `its file system is read-only (${code}): mount it writable, ${OTHERWISE}`;
  return `${code}: ${shortageRemedy(code) ?? `let us write there, ${OTHERWISE}`}`;
}

/**
 * Lets `server` listen at `path`. A file left behind by a dead daemon is replaced. Answers with the file's inode, for `removeIfSame`.
 * @throws {ControlError} ALREADY_RUNNING where a live one answers there; CANNOT_LISTEN where the path is too long; CANNOT_LISTEN_YET
 *   where the socket can not be made for another reason
 */
export async function listenAt(server: Server, path: string, access: Access): Promise<number> {
  checkLength(path);
  let folder: string | undefined;
  try {
    // 0700: until it has its mode, it is for nobody. Its name is not longer than that of the socket.
    // Not joined, which would leave the dot out and put it beside the runtime directory, where we may not be allowed to write.
    folder = await mkdtemp(`${dirname(path)}/.`);
    const temporary = join(folder, "s");
    server.listen(temporary);
    await once(server, "listening");
    await chmod(temporary, access.mode);
    if (access.group !== undefined) await chown(temporary, -1, access.group);
    const ours = (await lstat(temporary)).ino;
    await publish(temporary, path);
    return ours;
  } catch (error) {
    server.close();
    if (error instanceof ControlError) throw error;
    const text = `Cannot listen on ${path}: ${obstacle(systemCode(error))}`;
    throw new ControlError("CANNOT_LISTEN_YET", text, { cause: error });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
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
    throw new ControlError(
      "CANNOT_LISTEN_YET",
      `Cannot listen on ${path}: something that is no socket is in the way. Remove it`,
    );
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

/** Takes the file away if it is still that one. */
export async function removeIfSame(path: string, inode: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.ino === inode) await rm(path, { force: true });
}
