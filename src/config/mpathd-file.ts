import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { type MpathdDefaults, NO_MPATHD_DEFAULTS, parseMpathdDefaults } from "./mpathd.ts";

/** The file that Solaris ships has twenty lines. */
const LARGEST_FILE_BYTES = 64 * 1024;

/**
 * Reads `/etc/default/mpathd`, or what stands in for it. Never throws: a missing file means the defaults, silently; one that can
 * not be read means them, too, with a complaint. At once, since it is small and whoever asks has nothing to do meanwhile.
 */
export function readMpathdDefaults(path: string): MpathdDefaults {
  try {
    const text = readSmallFile(path);
    return typeof text === "string" ? parseMpathdDefaults(text, path) : unreadable(path, text.found);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? NO_MPATHD_DEFAULTS : unreadable(path, code ?? message);
  }
}

function readSmallFile(path: string): string | { readonly found: string } {
  // Without O_NONBLOCK a named pipe in place of the file would hold us up for ever.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return { found: status.isDirectory() ? "a directory" : "a device, pipe or socket" };
    if (status.size > LARGEST_FILE_BYTES) return { found: `over ${LARGEST_FILE_BYTES} bytes` };
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function unreadable(path: string, found: string): MpathdDefaults {
  return { complaints: [`Can not read ${path}: found ${found}, wanted a small readable file; going on without it`] };
}
