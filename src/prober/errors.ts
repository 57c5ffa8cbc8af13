/** What can be wrong with how the prober is used. */
import { IpmpError } from "../core/errors.ts";

export type ProberErrorCode =
  /** An argument that can not be meant: the message begins with its place, e.g. `paths[2].intervalMs`. Nothing was changed. */
  | "BAD_ARGUMENT"
  /** There is no interface of this name in the prober's network namespace just now. Nothing was changed. */
  | "UNKNOWN_INTERFACE"
  /** The prober was closed before this could be answered, or done. */
  | "CLOSED";

export class ProberError extends IpmpError {
  declare readonly code: ProberErrorCode;

  constructor(code: ProberErrorCode, message: string) {
    super(code, message);
  }
}

/** @param what was asked of it, as the beginning of a sentence: "the statistics" */
export function closedError(what: string): ProberError {
  return new ProberError("CLOSED", `Cannot have ${what}: the prober is closed; open another one`);
}
