/** What the machine has to say, as fields; the texts are in message-texts.ts. */
import type { Family, FlapLimit } from "./configuration.ts";
import type { GroupState } from "./snapshot.ts";

/** The most urgent first. */
export const LEVELS = ["error", "warning", "info", "debug"] as const;
export type Level = (typeof LEVELS)[number];

interface OnInterface<Id extends string> {
  readonly id: Id;
  readonly interface: string;
  /** "" for an interface that is in no group. */
  readonly group: string;
}

interface OnFamily<Id extends string> extends OnInterface<Id> {
  readonly family: Family;
}

/** A reply that fits no probe. */
interface StrayReply<Id extends string> extends OnFamily<Id> {
  readonly from: string;
  readonly sequence: number;
  /** The sequence number that the next probe will have. */
  readonly next: number;
}

/** Solaris's numbers for what is known of a probe: never sent, under way, answered, lost. */
export type ProbeStatus = 0 | 1 | 2 | 3;

interface Contest<Id extends string> {
  readonly id: Id;
  /** "" for the settings of the namespace. */
  readonly group: string;
  readonly what: string;
  readonly times: number;
  readonly minutes: number;
}

interface DetectionTimeChange<Id extends string> extends OnFamily<Id> {
  readonly configuredMs: number;
  readonly effectiveMs: number;
}

export type Message =
  | OnInterface<"link-down">
  | OnInterface<"link-up">
  | OnInterface<"interface-failed">
  | OnInterface<"interface-repaired">
  | { readonly id: "group-failed"; readonly group: string }
  | { readonly id: "group-usable"; readonly group: string; readonly interface: string }
  | (OnInterface<"flapping"> & FlapLimit & { readonly heldForMs: number; readonly byLink: boolean })
  | (OnInterface<"waits-for-port"> & { readonly waitMs: number; readonly isToBeProbed: boolean })
  | (OnInterface<"port-forwards"> & { readonly neighbour: string })
  | (OnInterface<"hardware-address-duplicate"> & { readonly other: string; readonly hardwareAddress: string })
  | OnInterface<"hardware-address-unique">
  | (OnInterface<"hardware-address-free"> & { readonly other: string })
  | OnFamily<"interface-removed">
  | OnInterface<"interface-missing">
  | OnInterface<"interface-appeared">
  /** `mtus`: each member with its own. `interface`: one that is to be changed, to `mtu`. */
  | OnInterface<"arp-off">
  | OnInterface<"arp-on">
  | (OnInterface<"mtus-differ"> & { readonly mtus: string; readonly mtu: number })
  | { readonly id: "mtus-equal"; readonly group: string }
  /** Data addresses that prefer an interface which does not exist. `to`: the group interface, a member, or "" for nobody. */
  | (OnFamily<"addresses-of-missing"> & { readonly to: string; readonly groupInterface: boolean })
  | (OnInterface<"interface-enslaved"> & { readonly master: string })
  | OnInterface<"taken-offline">
  | OnInterface<"brought-online">
  /** `others`: other members can carry the family. */
  | (OnFamily<"interface-barred"> & { readonly others: boolean; readonly code: string; readonly text: string })
  | OnFamily<"family-missing">
  | OnInterface<"families-consistent">
  | OnInterface<"no-test-address">
  | (OnInterface<"test-address-found"> & { readonly endsDuplicate: boolean })
  | (OnInterface<"test-address-duplicate"> & { readonly address: string })
  | DetectionTimeChange<"detection-time-raised">
  | DetectionTimeChange<"detection-time-lowered">
  | (OnFamily<"target-too-slow"> & { readonly target: string })
  | (OnFamily<"target-astray"> & { readonly target: string })
  | (OnFamily<"target-direct"> & { readonly target: string })
  | (OnFamily<"target-in-time"> & { readonly target: string })
  | { readonly id: "asking-hosts"; readonly group: string; readonly interface: string }
  | { readonly id: "target-silent"; readonly group: string; readonly target: string }
  | { readonly id: "target-answering"; readonly group: string; readonly target: string }
  | { readonly id: "answered-again"; readonly group: string }
  | { readonly id: "answers-limited"; readonly group: string }
  | { readonly id: "answers-complete"; readonly group: string; readonly effectiveMs: number }
  | StrayReply<"reply-out-of-window">
  | (StrayReply<"reply-fake"> & { readonly status: ProbeStatus })
  | (StrayReply<"reply-repeated"> & { readonly status: ProbeStatus })
  /** Times are monotonic ms. */
  | (OnFamily<"reply-before-probe"> & { readonly from: string; readonly now: number; readonly sentAt: number })
  | (OnFamily<"probe-refused"> & { readonly code: string; readonly text: string })
  | {
      readonly id: "addresses-moved";
      readonly addresses: readonly string[];
      readonly group: string;
      readonly from: string;
      readonly to: string;
    }
  /**
   * A route of somebody else's leads traffic past the group. `remedy`: the command that takes it away. `target`: the host that it names
   * as a probe target, in the manner of Solaris, or "".
   */
  | (OnInterface<"route-bypasses"> & { readonly route: string; readonly remedy: string; readonly target: string })
  | { readonly id: "route-bypass-gone"; readonly group: string; readonly route: string }
  /** `key` is `ipv4.arp_filter` and the like; `needed` is what the members have and what is not in force. */
  | {
      readonly id: "setting-outweighed";
      readonly group: string;
      readonly key: string;
      readonly value: string;
      readonly needed: string;
    }
  | { readonly id: "setting-in-force"; readonly group: string; readonly key: string; readonly needed: string }
  | {
      readonly id: "request-failed";
      /** The operation and its object, e.g. `set-route 192.0.2.0/24`. */
      readonly operation: string;
      readonly code: string;
      readonly text: string;
    }
  /** It was said to be refused. */
  | { readonly id: "request-taken"; readonly operation: string }
  /** `settings`: as sysctl takes them, `net.ipv4.conf.eth0.arp_ignore=1`. */
  | { readonly id: "settings-refused"; readonly code: string; readonly settings: readonly string[] }
  /** They were said to be refused. `settings`: their names. */
  | { readonly id: "settings-taken"; readonly settings: readonly string[] }
  | { readonly id: "interface-not-made"; readonly interface: string; readonly code: string; readonly text: string }
  | { readonly id: "stand-in"; readonly interface: string; readonly kind: string }
  /** `what`: the things that somebody else has taken away or changed. */
  | { readonly id: "put-back"; readonly group: string; readonly what: string }
  /** It goes on: `what` was changed `times` times within so many minutes. */
  | Contest<"contested">
  | Contest<"contest-over">
  /** Of the same thing there is no line any more until it has been quiet for a while. `latest`: the text of the last one. */
  | { readonly id: "told-too-often"; readonly group: string; readonly latest: string }
  | { readonly id: "told-again"; readonly group: string; readonly lines: number; readonly seconds: number }
  /** What the group needs is not in place. */
  | {
      readonly id: "group-impaired";
      readonly group: string;
      readonly state: GroupState;
      readonly reasons: readonly string[];
    }
  | { readonly id: "group-unimpaired"; readonly group: string }
  | { readonly id: "notices-lost" };
