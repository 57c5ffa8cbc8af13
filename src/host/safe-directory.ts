/**
 * Directories that we write into as root: used only where nobody else could put something in our way.
 *
 * A directory is safe when it is a real one, belongs to us or to root, and nobody else may write into it; and when nobody else
 * can exchange it or a directory above it. Then the path leads to the same place whenever it is used, and whatever is found
 * there was put there by somebody who may do anything anyway: no look before each use is needed, and none could be late.
 */
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import { IpmpError } from "../core/errors.ts";

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
const PERMISSIONS = 0o7777;
/** As many as the kernel follows. */
const MOST_SYMLINKS = 40;

/** The message names the place and the remedy: it completes "Cannot use the ... directory: ". */
export class UnsafeDirectoryError extends IpmpError {
  declare readonly code: "UNSAFE_DIRECTORY";

  constructor(message: string) {
    super("UNSAFE_DIRECTORY", message);
  }
}

/**
 * Makes the directory if it is missing, 0755 whatever the umask; its parent must be there.
 * @throws {UnsafeDirectoryError} where somebody else could exchange it or what is in it, also when it was there before; the
 *   system's error where it can not be made or looked at
 */
export function makeSafeDirectory(path: string): void {
  const place = resolve(path);
  requireSafePath(dirname(place));
  // Not `recursive`: below a file system that can not have folders (/proc) Node 20 would try for ever.
  if (lookAt(place) === undefined) {
    mkdirSync(place, { mode: 0o755 });
    // The umask may have taken something away. Nobody else can have exchanged it: the parent is safe.
    chmodSync(place, 0o755);
  }
  requireSafeDirectory(place);
}

/**
 * @throws {UnsafeDirectoryError} where somebody else could exchange it or what is in it, and where it is no directory; the
 *   system's error where it can not be looked at
 */
export function requireSafeDirectory(path: string): void {
  const place = resolve(path);
  requireSafePath(dirname(place));
  const found = lstatSync(place);
  if (found.isSymbolicLink())
    throw unsafe(place, "is a symbolic link", "name the directory itself, or remove the link");
  if (!found.isDirectory()) throw unsafe(place, "is no directory", "move it away, or choose another directory");
  requireOwner(place, found);
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) throw openToOthers(place, found);
}

/** A path may lead through `path`: neither it nor a directory above it can be exchanged by somebody else. */
function requireSafePath(path: string, linksSeen = 0): void {
  if (path !== "/") requireSafePath(dirname(path), linksSeen);
  const found = lstatSync(path);
  if (!found.isSymbolicLink()) {
    requireSafeStep(path, found);
    return;
  }
  // E.g. /var/run: as good as its owner, since nobody else can have put it into a safe directory.
  requireOwner(path, found);
  if (linksSeen === MOST_SYMLINKS) throw unsafe(path, "is a symbolic link that leads nowhere", "remove it");
  requireSafePath(resolve(dirname(path), readlinkSync(path)), linksSeen + 1);
}

function requireSafeStep(place: string, found: Stats): void {
  if (!isFromOutside(found)) requireOwner(place, found);
  // In a sticky directory (/tmp) others can make names, but not exchange ours.
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0 && (found.mode & STICKY) === 0) throw openToOthers(place, found);
}

function requireOwner(place: string, { uid }: Stats): void {
  if (uid === 0 || uid === process.geteuid?.()) return;
  const found = `belongs to user ${uid}, who could exchange what is in it`;
  throw unsafe(place, found, `remove it, or give it to root (chown root ${place}), or choose another directory`);
}

/**
 * Above us in a user namespace (a container without root) are directories whose owners have no number here; they all show as the
 * one overflow number. Such an owner stands outside, and could do worse to us.
 */
function isFromOutside({ uid }: Stats): boolean {
  return uid === OVERFLOW_UID && !isMapped(uid);
}

const OVERFLOW_UID = 65534;

function isMapped(uid: number): boolean {
  const ranges = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  return ranges.some((range) => {
    const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
    return uid >= first && uid < first + count;
  });
}

/** What is there, or undefined where nothing is. */
function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function openToOthers(place: string, { mode }: Stats): UnsafeDirectoryError {
  const found = `may be written by others (mode ${(mode & PERMISSIONS).toString(8).padStart(4, "0")})`;
  return unsafe(place, found, `take that away (chmod go-w ${place}), or choose another directory`);
}

function unsafe(place: string, found: string, remedy: string): UnsafeDirectoryError {
  return new UnsafeDirectoryError(`${place} ${found}: ${remedy}`);
}
