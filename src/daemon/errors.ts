import type { RequestRefusal } from "../core/actions.ts";
import { IpmpError } from "../core/errors.ts";

export type DaemonErrorCode =
  /** The control worker ended without being asked to: a bug of ours, or a broken installation. */
  | "WORKER_ENDED"
  /** `stop` was called before what was asked for had been done. */
  | "STOPPED"
  /** A privilege or a kernel feature is missing; the message has one sentence for each, with the remedy. */
  | "MISSING_FEATURE"
  /** The kernel would not let go of something of ours. */
  | "NOT_RELEASED"
  /** The network namespace named in the options does not exist. */
  | "NO_NAMESPACE"
  /** A call with an argument that can not be meant. */
  | "BAD_ARGUMENT";

export class DaemonError extends IpmpError {
  declare readonly code: DaemonErrorCode;

  constructor(code: DaemonErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The stable code of each refusal. */
const REFUSAL_CODES = {
  "unknown-interface": "UNKNOWN_INTERFACE",
  "already-offline": "ALREADY_OFFLINE",
  "not-offline": "NOT_OFFLINE",
  "minimum-redundancy": "MINIMUM_REDUNDANCY",
  "duplicate-hardware-address": "DUPLICATE_HARDWARE_ADDRESS",
} as const satisfies Record<RequestRefusal, string>;

export type RequestRefusedCode = (typeof REFUSAL_CODES)[RequestRefusal];

const REFUSAL_TEXTS: Readonly<Record<RequestRefusal, string>> = {
  "unknown-interface": "it is in no group; name a member of one",
  "already-offline": "it is offline already",
  "not-offline": "it is not offline",
  "minimum-redundancy": "too few other interfaces of its group function; repair one first, or ask for less redundancy",
  "duplicate-hardware-address":
    "another member of its group has the same hardware address; give it one of its own first",
};

/** An administrator's wish was refused, and nothing has been changed. */
export class RequestRefusedError extends IpmpError {
  declare readonly code: RequestRefusedCode;
  readonly refusal: RequestRefusal;

  constructor(op: "offline" | "online", name: string, refusal: RequestRefusal) {
    const what = op === "offline" ? `take interface ${name} offline` : `bring interface ${name} online`;
    super(REFUSAL_CODES[refusal], `Cannot ${what}: ${REFUSAL_TEXTS[refusal]}`);
    this.refusal = refusal;
  }
}
