/** The answers that are no picture: what went wrong, and what was done. */
import type { RequestRefusal } from "../core/actions.ts";

/** The one form of every error that the API answers. */
export interface ErrorAnswer {
  /** Stable, for programs. */
  readonly code: string;
  /** What was found, for people. */
  readonly message: string;
  /** What would be right; of a configuration every problem, one per line. */
  readonly detail: string;
}

/** A change was made. */
export interface Done {
  /** What is probably not meant, each with its place. */
  readonly warnings: readonly string[];
}

/** What became of a new configuration. Where it is not `ok` nothing has changed. */
export type ReloadResult =
  | { readonly ok: true; readonly warnings: readonly string[] }
  /** `problems`: at least one, each with file, line and column where there is such a place. */
  | { readonly ok: false; readonly code: "BAD_CONFIGURATION" | "NOT_READABLE"; readonly problems: readonly string[] };

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function errorAnswer(status: number, code: string, message: string, detail: string): Answer {
  return { status, body: { code, message, detail } satisfies ErrorAnswer };
}

export function doneAnswer(warnings: readonly string[] = []): Answer {
  return { status: 200, body: { warnings } satisfies Done };
}

/** A source that fails gives a 500, never an exception. */
export function failureAnswer(error: unknown): Answer {
  const detail = error instanceof Error ? error.message : String(error);
  return errorAnswer(500, "INTERNAL", "The daemon could not answer.", detail);
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** What was found, put behind the name of the interface. */
  readonly found: string;
  readonly remedy: string;
}

const REFUSALS: Readonly<Record<RequestRefusal, Refusal>> = {
  "unknown-interface": {
    status: 404,
    code: "UNKNOWN_INTERFACE",
    found: "is not a physical interface or not in an IPMP group",
    remedy: "GET /v1/interfaces names those that are.",
  },
  "already-offline": {
    status: 409,
    code: "ALREADY_OFFLINE",
    found: "is already offline",
    remedy: "Nothing is left to be done.",
  },
  "not-offline": {
    status: 409,
    code: "NOT_OFFLINE",
    found: "is not offline",
    remedy: "Only an interface that was taken offline can be brought back.",
  },
  "minimum-redundancy": {
    status: 409,
    code: "MINIMUM_REDUNDANCY",
    found: "can not be spared: too few other functioning interfaces are in its IPMP group",
    remedy: "Repair another one first, or ask with minimumRedundancy 0, which may cut the group off.",
  },
  "duplicate-hardware-address": {
    status: 409,
    code: "DUPLICATE_HARDWARE_ADDRESS",
    found: "has the hardware address of another interface of its group",
    remedy: "Give it one of its own: ip link set IF address MAC.",
  },
};

/** The answer to an administrator's request that the machine refused. */
export function refusalAnswer(name: string, refusal: RequestRefusal): Answer {
  const { status, code, found, remedy } = REFUSALS[refusal];
  return errorAnswer(status, code, `${name} ${found}.`, remedy);
}

/** The answer to a new configuration. */
export function reloadAnswer(result: ReloadResult): Answer {
  if (result.ok) return doneAnswer(result.warnings);
  const { code, problems } = result;
  const what = code === "NOT_READABLE" ? "can not be read" : "is wrong";
  return errorAnswer(422, code, `The configuration ${what}; nothing has changed.`, problems.join("\n"));
}
