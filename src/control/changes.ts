/** What administrators may ask for: how it is read from a request, and what is answered. */
import { type Answer, doneAnswer, errorAnswer, refusalAnswer, reloadAnswer } from "./answers.ts";
import type { ControlSource } from "./routes.ts";
import { misfit } from "./schema.ts";
import { type OfflineOrder, SCHEMAS } from "./schemas.ts";

/** A change that a request asks for. */
export interface Change {
  /** 0 where a body makes no sense. */
  readonly longestBodyBytes: number;
  /** `body` is "" where there was none. Rejects only where the daemon itself fails. */
  readonly carryOut: (source: ControlSource, body: string) => Promise<Answer>;
}

const LONGEST_ORDER_BYTES = 4 * 1024;
/** As much as a configuration file may have. */
const LONGEST_CONFIGURATION_BYTES = 1024 * 1024;
/** Solaris's if_mpadm asks for as much. */
const DEFAULT_MINIMUM_REDUNDANCY = 1;

export const RELOAD: Change = {
  longestBodyBytes: 0,
  carryOut: async (source) => reloadAnswer(await source.reload()),
};

export const APPLY_CONFIGURATION: Change = {
  longestBodyBytes: LONGEST_CONFIGURATION_BYTES,
  carryOut: async (source, body) => reloadAnswer(await source.applyConfiguration(body)),
};

/** `name` as it stands in the path. */
export function offlineChange(name: string): Change {
  return {
    longestBodyBytes: LONGEST_ORDER_BYTES,
    carryOut: async (source, body) => {
      const order = readOrder(body);
      if (typeof order === "string") return invalid("The body is no order to take an interface offline.", order);
      return await ask(source, "offline", name, order.minimumRedundancy ?? DEFAULT_MINIMUM_REDUNDANCY);
    },
  };
}

/** `name` as it stands in the path. */
export function onlineChange(name: string): Change {
  return { longestBodyBytes: 0, carryOut: (source) => ask(source, "online", name, 0) };
}

async function ask(source: ControlSource, op: "offline" | "online", word: string, minimumRedundancy: number) {
  const name = decoded(word);
  if (name === undefined) return invalid("The name in the path is not percent-encoded UTF-8.", `Found ${cut(word)}`);
  // No such link can exist; whatever else it is has no place in the daemon's log.
  if (!isInterfaceName(name)) return refusalAnswer(JSON.stringify(cut(name)), "unknown-interface");
  const refusal = await source.request(op, name, minimumRedundancy);
  return refusal === undefined ? doneAnswer() : refusalAnswer(name, refusal);
}

/** Longer names are cut where they are shown. */
const LONGEST_SHOWN = 60;

function cut(name: string): string {
  return name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}...` : name;
}

function decoded(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}

/** The kernel's own rule, and no control characters. */
function isInterfaceName(name: string): boolean {
  return Buffer.byteLength(name) < 16 && /^[^\s/:\p{Cc}]+$/u.test(name);
}

/** The order, or what is wrong with it. */
function readOrder(body: string): OfflineOrder | string {
  if (body === "") return {};
  try {
    const order: unknown = JSON.parse(body);
    return misfit(SCHEMAS.OfflineOrder, order, "body", { exact: true }) ?? (order as OfflineOrder);
  } catch (error) {
    return (error as Error).message;
  }
}

function invalid(message: string, detail: string): Answer {
  return errorAnswer(400, "INVALID_ARGUMENT", message, detail);
}
