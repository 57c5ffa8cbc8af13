/** What the rules about probing need of the machine. */
import type { Picture } from "../kernel-state/picture.ts";
import type { Message } from "../messages.ts";

export interface ProbingContext {
  readonly picture: Picture;
  /** Monotonic ms. */
  readonly now: number;
  readonly log: (message: Message) => void;
}
