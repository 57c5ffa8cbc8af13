/** Tells the service manager (sd_notify protocol) how we are. */
import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/**
 * Sends one datagram, e.g. "READY=1" or "WATCHDOG=1", to the socket named by NOTIFY_SOCKET: a path, or "@" and an
 * abstract name.
 * @throws KernelError where nobody listens there.
 */
export function notifyServiceManager(path: string, text: string): void {
  withKernelErrors(() => native().sendDatagram(path, text));
}
