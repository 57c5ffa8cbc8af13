import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/**
 * Writes bytes from `offset` on without waiting, and tells how many were taken: 0 where whoever reads has to read first.
 * @throws {KernelError} where the descriptor takes none at all
 */
export function writeNow(descriptor: number, bytes: Uint8Array, offset: number): number {
  return withKernelErrors(() => native().writeNow(descriptor, bytes, offset), "nothing more");
}
