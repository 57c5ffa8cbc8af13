/** Answers of the simulated kernel: errno numbers of Linux by their names. */
import type { KernelOutcome } from "../../src/core/kernel-state/kernel-objects.ts";

const ERRNO_NUMBERS = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EROFS: 30,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENOBUFS: 105,
} as const;

export type ErrnoName = keyof typeof ERRNO_NUMBERS;

export const DONE: KernelOutcome = { ok: true };

/** The kernel says no; `text` is what its extended acknowledgement would say. */
export function refused(code: ErrnoName, text = ""): KernelOutcome {
  return { ok: false, errno: ERRNO_NUMBERS[code], code, text };
}

/** For scripts: the name must be one of those that the simulated kernel knows. */
export function errnoName(text: string): ErrnoName {
  if (text in ERRNO_NUMBERS) return text as ErrnoName;
  throw new Error(`errno ${text} is not known here; known are ${Object.keys(ERRNO_NUMBERS).join(", ")}`);
}
