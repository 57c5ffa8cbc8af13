import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";

/** The id of the user who connected to the unix socket with this descriptor. */
export function peerUser(descriptor: number): number {
  return withKernelErrors(() => native().peerUser(descriptor), "nothing more");
}
