/** Network namespaces as the kernel tells them apart. */
import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/**
 * The number that the kernel gives to no other network namespace until the next boot, in digits.
 * @param path of a namespace, or undefined for the caller's own
 * @throws {KernelError} where there is none, or it can not be asked
 */
export function namespaceCookie(path: string | undefined): string {
  return withKernelErrors(() => native().namespaceCookie(path ?? ""), "CAP_SYS_ADMIN");
}
