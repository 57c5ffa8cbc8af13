/** The lock of a network namespace, which the kernel keeps for whoever may send frames there. */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import { KernelError, withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/** Any number will do; another program would have to choose the same for a group of packet sockets. */
const LOCK = 0x1b3d;

/** As it stands in /proc/net/packet. */
export const LOCK_PROTOCOL = "88b5";

/** Somebody else's group with the same number says EINVAL: it is no lock, and stands in the way all the same. */
const HELD: readonly number[] = [constants.errno.ENOSPC, constants.errno.EINVAL];

/**
 * Takes the lock, and answers with what gives it back; undefined where somebody else holds it.
 * @throws {KernelError} without CAP_NET_RAW
 */
export function takeNamespaceLock(): (() => void) | undefined {
  try {
    const descriptor = withKernelErrors(() => native().takeNamespaceLock(LOCK), "CAP_NET_RAW");
    return () => closeSync(descriptor);
  } catch (error) {
    if (error instanceof KernelError && HELD.includes(error.errno)) return undefined;
    throw error;
  }
}
