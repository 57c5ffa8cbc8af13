import { IpmpError } from "../core/errors.ts";

export type DaemonErrorCode =
  /** The control worker ended without being asked to: a bug of ours, or a broken installation. */
  | "WORKER_ENDED"
  /** A privilege or a kernel feature is missing; the message has one sentence for each, with the remedy. */
  | "MISSING_FEATURE"
  /** The kernel would not let go of something of ours. */
  | "NOT_RELEASED"
  /** The network namespace named in the options does not exist. */
  | "NO_NAMESPACE"
  /** The state directory can not be made or written. */
  | "STATE_DIRECTORY";

export class DaemonError extends IpmpError {
  declare readonly code: DaemonErrorCode;

  constructor(code: DaemonErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
