/** What the main thread and the thread of status.sock say to each other. Plain data: it is cloned on the way. */
import type { ControlErrorCode } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import type { ControlLimits } from "./limits.ts";
import type { ProbeEvent } from "./probes.ts";
import type { StreamKind } from "./routes.ts";

export interface StatusOptions {
  readonly path: string;
  readonly limits: ControlLimits;
}

/** What the thread can not answer by itself. */
export type StatusQuestion = "snapshot" | "probes" | "configuration";

/** In the order in which it came to be. */
export type StatusNews =
  | { readonly type: "event"; readonly event: ControlEvent | ProbeEvent }
  /** Events are missing here: whoever follows them has to begin anew. */
  | { readonly type: "gap" }
  | { readonly type: "answer"; readonly to: StatusQuestion; readonly value: unknown }
  | { readonly type: "failure"; readonly to: StatusQuestion; readonly text: string };

/** Comes again only when the one before has been taken. */
export interface ToStatus {
  readonly news: readonly StatusNews[];
}

export type FromStatus =
  /** `inode`: of the socket file. */
  | { readonly type: "listening"; readonly inode: number }
  | { readonly type: "refused"; readonly code: ControlErrorCode; readonly text: string }
  /** Of one kind only when the one before has been answered. */
  | { readonly type: "ask"; readonly question: StatusQuestion }
  | { readonly type: "audience"; readonly kind: StreamKind; readonly anybody: boolean }
  | { readonly type: "taken" };
