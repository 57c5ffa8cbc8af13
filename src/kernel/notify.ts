/** Tells the service manager (sd_notify protocol) how we are. */
import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/**
 * Sends one datagram, e.g. "READY=1" or "WATCHDOG=1", to the socket named by NOTIFY_SOCKET: a path, or "@" and an
 * abstract name. Waits at most `waitMs` where its queue is full.
 * @throws KernelError where nobody listens there, or nobody reads.
 */
export function notifyServiceManager(path: string, text: string, waitMs: number): void {
  withKernelErrors(() => native().sendDatagram(path, text, waitMs));
}
