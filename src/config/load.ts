import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Configuration } from "../core/configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { NO_MPATHD_DEFAULTS } from "./mpathd.ts";
import { readMpathdDefaults } from "./mpathd-file.ts";
import { LARGEST_FILE_BYTES, type ParsedConfiguration, parseConfiguration } from "./parse.ts";
import { formatProblem, shownPath } from "./problem.ts";

export interface LoadOptions {
  /** File of global defaults in the form of Solaris, usually /etc/default/mpathd; it may be missing. Without it: none. */
  readonly mpathdFile?: string | undefined;
}

/** Reads and parses a configuration file. Rejects with ConfigurationError where it can not be read at all. */
export async function loadConfiguration(path: string, { mpathdFile }: LoadOptions = {}): Promise<ParsedConfiguration> {
  const text = decode(await readBytes(path), path);
  const defaults = mpathdFile === undefined ? NO_MPATHD_DEFAULTS : readMpathdDefaults(mpathdFile);
  return parseConfiguration(text, path, defaults);
}

/**
 * For programs: the configuration itself. Rejects with ConfigurationError, one line per problem, where there is any; warnings and
 * complaints are to be had from `loadConfiguration`.
 */
export async function loadConfig(path: string, options?: LoadOptions): Promise<Configuration> {
  const { configuration, problems } = await loadConfiguration(path, options);
  if (configuration !== undefined) return configuration;
  throw new ConfigurationError("CONFIGURATION_WRONG", problems.map(formatProblem).join("\n"));
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK a named pipe in place of the file would hold us up for ever.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readRegular(handle, path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof ConfigurationError ? error : unreadable(path, error as NodeJS.ErrnoException);
  }
}

async function readRegular(handle: FileHandle, path: string): Promise<Buffer> {
  const status = await handle.stat();
  if (!status.isFile()) {
    const found = status.isDirectory() ? "a directory" : "a device, pipe or socket";
    throw new ConfigurationError(
      "CONFIGURATION_NOT_A_FILE",
      `Can not read the configuration ${shownPath(path)}: found ${found}, wanted a regular file; name the file itself`,
    );
  }
  // One byte more than allowed, since the file may grow while it is read.
  const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
  const length = await fill(handle, buffer);
  if (length <= LARGEST_FILE_BYTES) return buffer.subarray(0, length);
  throw new ConfigurationError(
    "CONFIGURATION_TOO_LARGE",
    `Can not read the configuration ${shownPath(path)}: found over ${LARGEST_FILE_BYTES} bytes, wanted at most that; is it the right file?`,
  );
}

async function fill(handle: FileHandle, buffer: Buffer): Promise<number> {
  for (let length = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return length;
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigurationError(
      "CONFIGURATION_NOT_UTF8",
      `Can not read the configuration ${shownPath(path)}: found bytes that are not UTF-8, wanted UTF-8 text; save it in that encoding`,
      { cause },
    );
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): ConfigurationError {
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
    return new ConfigurationError(
      "CONFIGURATION_MISSING",
      `There is no configuration file ${shownPath(path)}: create it, or name another one with --config`,
      { cause },
    );
  }
  const code = cause.code ?? cause.message;
  return new ConfigurationError(
    "CONFIGURATION_UNREADABLE",
    `Can not read the configuration ${shownPath(path)}: found ${code}, wanted a readable file; check its permissions and owner`,
    { cause },
  );
}
