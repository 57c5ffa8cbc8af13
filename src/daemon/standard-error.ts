/** Where the log goes, whatever it is: see `LogOutput`. */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { systemCode } from "../control/errors.ts";
import { LogOutput, type TakeBytes } from "../host/log-output.ts";
import { KernelError } from "../kernel/errors.ts";
import { writeNow } from "../kernel/output.ts";

/** By number: only to ask Node for the stream would change the descriptor for all who share it. */
export const STANDARD_ERROR = 2;

/** @param lossText the line, with its line feed, about lines that were lost */
export function standardError(lossText: (lines: number, why: string) => string): LogOutput {
  return new LogOutput(nonBlocking(STANDARD_ERROR), lossText);
}

/**
 * What takes bytes for a descriptor of this process. Pipes and terminals are opened anew, so that they are non-blocking for us and nobody
 * else; what can not be opened so (a socket) is written to as it is.
 */
export function nonBlocking(descriptor: number): TakeBytes {
  let own: number | undefined;
  return (bytes, offset) => {
    own ??= openAnew(descriptor);
    try {
      return writeNow(own, bytes, offset);
    } catch (error) {
      if (error instanceof KernelError && error.code === "KERNEL_ADDON_MISSING") return writeSync(own, bytes, offset);
      throw error;
    }
  };
}

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/** The same one where it can not wait (a file), or can not be opened once more. */
function openAnew(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO() && !isatty(descriptor)) return descriptor;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    // A pipe without a reader, for now: whoever reads it later is not to hold us up.
    if (systemCode(error) === "ENXIO") throw error;
    return descriptor;
  }
}
