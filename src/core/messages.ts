/** What the machine has to say, as fields; and the one table of texts: the words are those of Solaris, the levels our own (good news is no error). */
import type { Family, FlapLimit } from "./configuration.ts";
import {
  changedText,
  dataAddresses,
  FAMILY_WORDS,
  inGroup,
  milliseconds,
  nanoseconds,
  ofGroup,
  windowText,
} from "./message-words.ts";
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
  | (OnInterface<"waits-for-port"> & { readonly delayMs: number })
  | (OnInterface<"hardware-address-duplicate"> & { readonly other: string; readonly hardwareAddress: string })
  | OnInterface<"hardware-address-unique">
  | (OnInterface<"hardware-address-free"> & { readonly other: string })
  | OnFamily<"interface-removed">
  | OnInterface<"interface-missing">
  | OnInterface<"interface-appeared">
  /** `mtus`: each member with its own. `interface`: one that is to be changed, to `mtu`. */
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

interface Wording<Id extends Message["id"]> {
  readonly level: Level;
  readonly text: (message: Extract<Message, { id: Id }>) => string;
}

const WORDINGS: { readonly [Id in Message["id"]]: Wording<Id> } = {
  "link-down": { level: "error", text: (m) => `The link has gone down on ${m.interface}` },
  "link-up": { level: "info", text: (m) => `The link has come up on ${m.interface}` },
  "interface-failed": {
    level: "error",
    text: (m) => `IP interface failure detected on ${m.interface}${ofGroup(m)}`,
  },
  "interface-repaired": {
    level: "info",
    text: (m) => `IP interface repair detected on ${m.interface}${ofGroup(m)}`,
  },
  "group-failed": { level: "error", text: (m) => `All IP interfaces in group ${m.group} are now unusable` },
  "group-usable": {
    level: "info",
    text: (m) => `At least 1 IP interface (${m.interface}) in group ${m.group} is now usable`,
  },
  flapping: {
    level: "error",
    text: (m) =>
      `${m.byLink ? `The link has come up on ${m.interface}` : `IP interface ${m.interface} has been answered again`} ` +
      `more than ${m.count} times in the last ${windowText(m.windowMs)}; disabling repair until it stabilizes`,
  },
  "waits-for-port": {
    level: "info",
    text: (m) =>
      `IP interface ${m.interface} of group ${m.group} waits for its switch port: it carries nothing for ` +
      `${milliseconds(m.delayMs / 1000)} s (link-up-delay) while another one works`,
  },
  "hardware-address-duplicate": {
    level: "error",
    text: (m) =>
      `IP interface ${m.interface} has a hardware address which is not unique in group ${m.group}; offlining`,
  },
  "hardware-address-unique": {
    level: "info",
    text: (m) => `IP interface ${m.interface} now has a unique hardware address in group ${m.group}; onlining`,
  },
  "hardware-address-free": {
    level: "info",
    text: (m) =>
      `IP interface ${m.interface} of group ${m.group} takes the place of ${m.other}, which has its hardware address and is not heard; onlining`,
  },
  "interface-missing": {
    level: "warning",
    text: (m) => `Interface ${m.interface} of group ${m.group} does not exist; it will be used as soon as it appears`,
  },
  "interface-appeared": {
    level: "info",
    text: (m) => `Interface ${m.interface}${ofGroup(m)} has appeared`,
  },
  "mtus-differ": {
    level: "warning",
    text: (m) =>
      `The members of group ${m.group} have different MTUs (${m.mtus}), so large packets are lost when traffic moves to a smaller one; ` +
      `give them the same: ip link set ${m.interface} mtu ${m.mtu}`,
  },
  "mtus-equal": { level: "info", text: (m) => `The members of group ${m.group} have the same MTU now` },
  "addresses-of-missing": {
    level: "info",
    // The console lines of Solaris's boot scripts: the newer with a group interface, the older without.
    text: (m) =>
      m.groupInterface
        ? `Moving addresses from missing IPv${m.family} interface(s): ${m.interface} (moved to ${m.to}).`
        : `moving addresses from failed IPv${m.family} interfaces: ${m.interface} ` +
          (m.to === "" ? "(couldn't move, no alternative interface)" : `(moved to ${m.to})`),
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
      `Interface ${m.interface} of group ${m.group} can not carry IPv${m.family}: ` +
      `${m.code}${m.text === "" ? "" : ` (${m.text})`}; ${m.others ? "other members carry it" : "no other member can"}`,
  },
  "interface-removed": {
    level: "error",
    text: (m) => `${FAMILY_WORDS[m.family]} ${m.interface} has been removed from kernel`,
  },
  "taken-offline": {
    level: "info",
    text: (m) => `IP interface ${m.interface} of group ${m.group} has been taken offline by an administrator`,
  },
  "brought-online": {
    level: "info",
    text: (m) => `IP interface ${m.interface} of group ${m.group} has been brought online by an administrator`,
  },
  "family-missing": {
    level: "error",
    text: (m) =>
      `IP interface ${m.interface} in group ${m.group} is not plumbed for IPv${m.family}, ` +
      `affecting IPv${m.family} connectivity`,
  },
  "families-consistent": {
    level: "info",
    // Two spaces after the group, as Solaris has them.
    text: (m) => `IP interface ${m.interface} is now consistent with group ${m.group}  and connectivity is restored`,
  },
  "no-test-address": {
    level: "info",
    text: (m) =>
      `No test address configured on interface ${m.interface}; disabling probe-based failure detection on it`,
  },
  "test-address-found": {
    level: "info",
    text: (m) =>
      `Test address now configured on interface ${m.interface}; enabling probe-based failure detection on it`,
  },
  "test-address-duplicate": {
    level: "error",
    text: (m) =>
      `Test address ${m.address} is not unique in group; disabling probe-based failure detection on ${m.interface}`,
  },
  "detection-time-raised": {
    level: "info",
    text: (m) =>
      `Cannot meet requested failure detection time of ${milliseconds(m.configuredMs)} ms on ` +
      `(${FAMILY_WORDS[m.family]} ${m.interface}) new failure detection time for group "${m.group}" is ` +
      `${milliseconds(m.effectiveMs)} ms`,
  },
  "detection-time-lowered": {
    level: "info",
    text: (m) =>
      `Improved failure detection time ${milliseconds(m.effectiveMs)} ms on ` +
      `(${FAMILY_WORDS[m.family]} ${m.interface}) for group "${m.group}"`,
  },
  "target-too-slow": {
    level: "info",
    text: (m) =>
      `Target ${m.target} answers ${FAMILY_WORDS[m.family]} ${m.interface} too slowly for the failure detection time of ` +
      `group "${m.group}"; it is not probed for a while`,
  },
  "asking-hosts": {
    level: "info",
    text: (m) =>
      m.interface === ""
        ? `No target of group ${m.group} answers any member; asking other hosts on the link before the group is judged`
        : `No target of ${m.interface} in group ${m.group} answers it, while other targets answer other members; asking other hosts on the link before it is judged`,
  },
  "target-silent": {
    level: "warning",
    text: (m) =>
      `Target ${m.target} of group ${m.group} does not answer, while others do; it is tried again now and then: look after it, or take ` +
      "it out of the configuration",
  },
  "target-answering": { level: "info", text: (m) => `Target ${m.target} of group ${m.group} answers again` },
  "answered-again": { level: "info", text: (m) => `Probes of group ${m.group} are answered again` },
  "answers-limited": {
    level: "warning",
    text: (m) =>
      `Targets of group ${m.group} answer only part of the probes, whichever interface asks; no interface is failed for that, but ` +
      "failures take longer to detect (FDT of `ipmpstat -g`): name targets that do not limit their answers, or ask for a longer " +
      "failure detection time",
  },
  "answers-complete": {
    level: "info",
    text: (m) =>
      `Targets of group ${m.group} answer all probes again; the failure detection time is ${milliseconds(m.effectiveMs)} ms`,
  },
  "reply-out-of-window": {
    level: "info",
    text: (m) => `out of window probe seq ${m.sequence} snxt ${m.next} on ${m.interface} from ${m.from}`,
  },
  "reply-fake": {
    level: "info",
    text: (m) =>
      `probe status ${m.status} Fake probe reply seq ${m.sequence} snxt ${m.next} on ${m.interface} from ${m.from}`,
  },
  "reply-repeated": {
    level: "info",
    text: (m) =>
      `probe status ${m.status} Duplicate probe reply seq ${m.sequence} snxt ${m.next} on ${m.interface} from ${m.from}`,
  },
  "reply-before-probe": {
    level: "error",
    text: (m) =>
      `incoming_echo_reply: rtt wraparound cur_hrtime ${nanoseconds(m.now)} reply timestamp ${nanoseconds(m.sentAt)}`,
  },
  "probe-refused": {
    level: "error",
    text: (m) =>
      `probe: probe sendto (${FAMILY_WORDS[m.family]} ${m.interface}): ${m.code}${m.text === "" ? "" : ` (${m.text})`}`,
  },
  "route-bypasses": {
    level: "error",
    text: (m) =>
      `The route \`${m.route}\` leads traffic past group ${m.group}, which can not move it when ${m.interface} fails; ` +
      `${m.target === "" ? "" : `name ${m.target} in \`targets\` if it is to be probed, and `}take it away: ${m.remedy}`,
  },
  "route-bypass-gone": {
    level: "info",
    text: (m) => `The route \`${m.route}\` no longer leads traffic past group ${m.group}`,
  },
  "setting-outweighed": {
    level: "error",
    text: (m) =>
      `The setting ${ofAllLinks(m.key)}=${m.value} outweighs the ${m.needed} that group ${m.group} has set on its interfaces, ` +
      `so ${OUTWEIGHED[m.key]}; take it down: sysctl -w ${ofAllLinks(m.key)}=${m.needed}`,
  },
  "setting-in-force": {
    level: "info",
    text: (m) => `The setting ${ofAllLinks(m.key)} no longer outweighs the ${m.needed} of group ${m.group}`,
  },
  "addresses-moved": {
    level: "info",
    text: (m) => `${dataAddresses(m.addresses)} of group ${m.group} moved from ${m.from} to ${m.to}`,
  },
  "request-failed": {
    level: "error",
    text: (m) => `The kernel refused ${m.operation}: ${m.code}${m.text === "" ? "" : ` (${m.text})`}`,
  },
  "request-taken": { level: "info", text: (m) => `The kernel no longer refuses ${m.operation}` },
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
  "put-back": {
    level: "warning",
    text: (m) => `Somebody else has taken away or changed what is ours${inGroup(m)}: ${m.what}; it is put back`,
  },
  contested: {
    level: "error",
    text: (m) =>
      `Somebody else works against us${inGroup(m)}: ${m.what} changed ${changedText(m)}, and put back each time; ` +
      "find out who with `ip -ts monitor` (settings: look for programs that run sysctl), and keep that program off what is ours",
  },
  "contest-over": {
    level: "info",
    text: (m) => `Nobody works against us any more${inGroup(m)}: ${m.what} had been changed ${changedText(m)}`,
  },
  "told-too-often": {
    level: "warning",
    text: (m) =>
      `This comes too often to be told each time; the next line about it follows when it has been quiet for a minute: ${m.latest}`,
  },
  "told-again": {
    level: "info",
    text: (m) => `Quiet again after ${m.lines} lines in ${m.seconds} s that were left out; the latest of them follows`,
  },
  "group-impaired": {
    level: "error",
    text: (m) => `Group ${m.group} is ${m.state}: ${m.reasons.join("; ")}`,
  },
  "group-unimpaired": {
    level: "info",
    text: (m) => `Everything that group ${m.group} needs of the kernel is in place again`,
  },
  "notices-lost": { level: "warning", text: () => "Kernel notices were lost; reading everything again" },
};

/** Level and text of a message. */
export function wording(message: Message): { level: Level; text: string } {
  const { level, text } = WORDINGS[message.id] as Wording<Message["id"]>;
  return { level, text: (text as (m: Message) => string)(message) };
}

/** What a setting of all links that is too high does to the members of a group. */
const OUTWEIGHED: Readonly<Record<string, string>> = {
  "ipv4.arp_filter": "some neighbours get no answer when they look for a data address",
  "ipv4.arp_ignore": "neighbours get no answer when they look for a data address",
  "ipv4.arp_announce":
    "an interface without an IPv4 address of its own may ask in the name of a stranger, and get no answer",
};

/** As sysctl(8) names it. */
function ofAllLinks(key: string): string {
  return `net.${key.replace(".", ".conf.all.")}`;
}
