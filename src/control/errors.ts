import { IpmpError } from "../core/errors.ts";
import type { ErrorAnswer } from "./answers.ts";

export type ControlErrorCode =
  /** Another daemon holds the lock of this network namespace, or answers on the socket. */
  | "ALREADY_RUNNING"
  /** A socket or the runtime directory is not to be made as it was asked for: not safe, no parent, a name too long. */
  | "CANNOT_LISTEN"
  /** It can not be made now, and can as soon as something on this host is put right: no room, read-only, something in the way. */
  | "CANNOT_LISTEN_YET"
  /** Nobody answers on any socket. */
  | "NO_DAEMON"
  /** Changes are for root and the group ipmp; the control socket does not let us in. */
  | "NOT_ALLOWED"
  /** The daemon took the connection and then did not answer in time. */
  | "TIMEOUT"
  /** What arrived is not what this version understands, or ended too early. */
  | "PROTOCOL"
  /** The daemon answered with an error of its own: see `refusal`. */
  | "REFUSED";

export interface ControlErrorOptions extends ErrorOptions {
  readonly refusal?: ErrorAnswer;
}

/** Everything that can go wrong between the daemon and its tools. */
export class ControlError extends IpmpError {
  declare readonly code: ControlErrorCode;
  /** What the daemon answered, with its own stable code (MINIMUM_REDUNDANCY, BAD_CONFIGURATION, ...); with REFUSED only. */
  readonly refusal: ErrorAnswer | undefined;

  constructor(code: ControlErrorCode, message: string, options?: ControlErrorOptions) {
    super(code, message, options);
    this.refusal = options?.refusal;
  }
}

/** The `code` of a system error (ENOENT, ...), or its text where it has none. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : String(error);
}
