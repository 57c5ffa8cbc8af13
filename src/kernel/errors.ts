/** Errors of the kernel door: what was tried, the errno, and the kernel's own words. */
import { constants } from "node:os";
import { IpmpError } from "../core/errors.ts";
import type { KernelOutcome } from "../core/kernel-state/kernel-objects.ts";
import { shortageRemedy } from "../host/shortage.ts";

/** `code` is stable: KERNEL_REFUSED or KERNEL_ADDON_MISSING. */
export type KernelErrorCode = "KERNEL_REFUSED" | "KERNEL_ADDON_MISSING";

export interface KernelErrorFields {
  readonly code: KernelErrorCode;
  /** What was being done, in words. */
  readonly operation: string;
  /** 0 where no system call failed. */
  readonly errno?: number;
  /** The kernel's extended acknowledgement, or "". */
  readonly text?: string;
  readonly cause?: unknown;
}

export class KernelError extends IpmpError {
  declare readonly code: KernelErrorCode;
  readonly operation: string;
  readonly errno: number;
  /** "EPERM" and the like, "" for errno 0. */
  readonly errnoName: string;
  readonly text: string;

  constructor(message: string, fields: KernelErrorFields) {
    super(fields.code, message, { cause: fields.cause });
    this.operation = fields.operation;
    this.errno = fields.errno ?? 0;
    this.errnoName = errnoName(this.errno);
    this.text = fields.text ?? "";
  }
}

const NAMES = errnoNames();

/** The symbol of an errno; "E" and the number where this Node knows none. */
export function errnoName(errno: number): string {
  return errno === 0 ? "" : (NAMES.get(errno) ?? `E${errno}`);
}

/** Where two symbols share a number the kernel's own one counts: EAGAIN, EOPNOTSUPP. */
function errnoNames(): Map<number, string> {
  const aliases = new Set(["EWOULDBLOCK", "ENOTSUP"]);
  const known = Object.entries(constants.errno).filter(([name]) => !aliases.has(name));
  return new Map(known.map(([name, errno]) => [errno, name]));
}

/** The outcome of a request that failed with `errno`. */
export function failure(errno: number, text: string): KernelOutcome {
  return { ok: false, errno, code: errnoName(errno), text };
}

/**
 * Runs a call into the addon; what the system refused becomes a KernelError, anything else passes as it is.
 * @param privileges what the call needs, for the words of a refusal
 */
export function withKernelErrors<T>(call: () => T, privileges = "CAP_NET_ADMIN and CAP_NET_RAW"): T {
  try {
    return call();
  } catch (error) {
    throw isSystemError(error) ? kernelErrorOf(error, privileges) : error;
  }
}

interface AddonSystemError extends Error {
  readonly operation: string;
  readonly errno: number;
  readonly text: string;
}

function isSystemError(error: unknown): error is AddonSystemError {
  if (error instanceof KernelError) return false;
  return error instanceof Error && "operation" in error && "errno" in error && "text" in error;
}

function kernelErrorOf(error: AddonSystemError, privileges: string): KernelError {
  const { operation, errno, text } = error;
  const said = text === "" ? "" : ` (the kernel says: ${text})`;
  // EAGAIN has another meaning where something was asked of the kernel: it is told in its words then.
  const advice = errno === constants.errno.EAGAIN && text !== "" ? "" : remedy(errno, privileges);
  const message = `${operation} failed with ${errnoName(errno)}${said}${advice}`;
  return new KernelError(message, { code: "KERNEL_REFUSED", operation, errno, text, cause: error });
}

function remedy(errno: number, privileges: string): string {
  const { EACCES, EPERM } = constants.errno;
  if (errno === EPERM || errno === EACCES) return `; run as root, or with ${privileges}`;
  const raise = shortageRemedy(errnoName(errno));
  return raise === undefined ? "" : `; ${raise}`;
}
