import { IpmpError } from "../core/errors.ts";

export type ControlErrorCode =
  /** Another daemon holds the lock of this network namespace, or answers on the socket. */
  | "ALREADY_RUNNING"
  /** A socket or the runtime directory can not be made. */
  | "CANNOT_LISTEN"
  /** Nobody answers on any socket. */
  | "NO_DAEMON"
  /** The daemon took the connection and then did not answer in time. */
  | "TIMEOUT"
  /** What arrived is not what this version understands, or ended too early. */
  | "PROTOCOL"
  /** The daemon answered with an error of its own; the message is the daemon's. */
  | "REFUSED";

/** Everything that can go wrong between the daemon and its tools. */
export class ControlError extends IpmpError {
  declare readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The `code` of a system error (ENOENT, ...), or its text where it has none. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : String(error);
}
