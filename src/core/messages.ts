/** What the machine has to say, as fields; and the one table of texts (the words of Solaris are kept: scrapers match them). */
import type { Family } from "./configuration.ts";

export type Level = "error" | "warning" | "info" | "debug";

export type Message =
  | { readonly id: "link-down"; readonly interface: string }
  | { readonly id: "link-up"; readonly interface: string }
  | { readonly id: "interface-failed"; readonly interface: string; readonly group: string }
  | { readonly id: "interface-repaired"; readonly interface: string; readonly group: string }
  | { readonly id: "group-failed"; readonly group: string }
  | { readonly id: "group-usable"; readonly group: string; readonly interface: string }
  | { readonly id: "interface-missing"; readonly interface: string; readonly group: string }
  | { readonly id: "interface-enslaved"; readonly interface: string; readonly group: string; readonly master: string }
  | {
      readonly id: "interface-barred";
      readonly interface: string;
      readonly group: string;
      readonly family: Family;
      readonly code: string;
      readonly text: string;
    }
  | { readonly id: "interface-removed"; readonly interface: string; readonly group: string }
  | {
      readonly id: "addresses-moved";
      readonly addresses: readonly string[];
      readonly group: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly id: "request-failed";
      /** The operation and its object, e.g. `set-route 192.0.2.0/24`. */
      readonly operation: string;
      readonly code: string;
      readonly text: string;
    }
  | { readonly id: "interface-not-made"; readonly interface: string; readonly code: string; readonly text: string }
  | { readonly id: "stand-in"; readonly interface: string; readonly kind: string }
  | { readonly id: "notices-lost" };

interface Wording<Id extends Message["id"]> {
  readonly level: Level;
  readonly text: (message: Extract<Message, { id: Id }>) => string;
}

const WORDINGS: { readonly [Id in Message["id"]]: Wording<Id> } = {
  "link-down": { level: "error", text: (m) => `The link has gone down on ${m.interface}` },
  "link-up": { level: "error", text: (m) => `The link has come up on ${m.interface}` },
  "interface-failed": {
    level: "error",
    text: (m) => `IP interface failure detected on ${m.interface} of group ${m.group}`,
  },
  "interface-repaired": {
    level: "error",
    text: (m) => `IP interface repair detected on ${m.interface} of group ${m.group}`,
  },
  "group-failed": { level: "error", text: (m) => `All IP interfaces in group ${m.group} are now unusable` },
  "group-usable": {
    level: "error",
    text: (m) => `At least 1 IP interface (${m.interface}) in group ${m.group} is now usable`,
  },
  "interface-missing": {
    level: "warning",
    text: (m) => `Interface ${m.interface} of group ${m.group} does not exist; it will be used as soon as it appears`,
  },
  "interface-enslaved": {
    level: "error",
    text: (m) =>
      `Interface ${m.interface} of group ${m.group} belongs to ${m.master} and can not carry addresses of its own; ` +
      `take it out of ${m.master} or out of the group`,
  },
  "interface-barred": {
    level: "error",
    text: (m) =>
      `Interface ${m.interface} of group ${m.group} can not carry IPv${m.family} addresses: ` +
      `${m.code}${m.text === "" ? "" : ` (${m.text})`}; other members host them as far as there are any`,
  },
  "interface-removed": {
    level: "info",
    text: (m) => `${m.interface} of group ${m.group} has been removed from kernel`,
  },
  "addresses-moved": {
    level: "info",
    text: (m) => `${dataAddresses(m.addresses)} of group ${m.group} moved from ${m.from} to ${m.to}`,
  },
  "request-failed": {
    level: "error",
    text: (m) => `The kernel refused ${m.operation}: ${m.code}${m.text === "" ? "" : ` (${m.text})`}`,
  },
  "interface-not-made": {
    level: "error",
    text: (m) =>
      `Cannot make the group interface ${m.interface}: ${m.code}${m.text === "" ? "" : ` (${m.text})`}; routes to lo keep its ` +
      "addresses local instead. Rename what has that name, load the dummy module, or set `group-interface: false`",
  },
  "stand-in": {
    level: "warning",
    text: (m) =>
      `Group interface ${m.interface} is of kind ${m.kind}, since this kernel has no dummy device; it serves as well ` +
      "(`modprobe dummy` and a restart of ipmpd after `ipmpd --release` would give the usual kind)",
  },
  "notices-lost": { level: "warning", text: () => "Kernel notices were lost; reading everything again" },
};

/** Level and text of a message. */
export function wording(message: Message): { level: Level; text: string } {
  const entry = WORDINGS[message.id] as Wording<Message["id"]>;
  return { level: entry.level, text: (entry.text as (m: Message) => string)(message) };
}

/** One address by its name, many by their number: a line that names a thousand helps nobody. */
function dataAddresses(addresses: readonly string[]): string {
  return addresses.length === 1 ? `Data address ${addresses[0]}` : `${addresses.length} data addresses`;
}
