/** The one table of what is logged: the words are those of Solaris, the levels our own (good news is no error). */
import {
  changedText,
  dataAddresses,
  FAMILY_WORDS,
  firstOf,
  inGroup,
  milliseconds,
  nanoseconds,
  ofGroup,
  windowText,
} from "./message-words.ts";
import type { Level, Message } from "./messages.ts";

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
      `IP interface ${m.interface} of group ${m.group} waits for its switch port while another one works: it carries nothing until ` +
      (m.isToBeProbed
        ? `its probes are answered, or, with nobody to ask, for ${milliseconds(m.waitMs / 1000)} s (link-up-delay)`
        : `a neighbour answers there, or for ${milliseconds(m.waitMs / 1000)} s (link-up-delay)`),
  },
  "port-forwards": {
    level: "info",
    text: (m) => `${m.neighbour} answers on IP interface ${m.interface} of group ${m.group}: its switch port forwards`,
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
  "arp-off": {
    level: "error",
    text: (m) =>
      `ARP is switched off on ${m.interface} of group ${m.group}, so that it reaches no neighbour: it counts as down; ` +
      `ip link set ${m.interface} arp on`,
  },
  "arp-on": { level: "info", text: (m) => `ARP is switched on again on ${m.interface} of group ${m.group}` },
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
      `group "${m.group}"; it is tried again each minute`,
  },
  "target-astray": {
    level: "warning",
    text: (m) =>
      `Target ${m.target} answers ${m.interface} of group "${m.group}" only what is sent to all hosts: the hardware address that the kernel has for it ` +
      `is wrong (ip neigh show ${m.target} dev ${m.interface}), and data to it is lost. Somebody may forge ${m.family === 4 ? "ARP replies" : "neighbour advertisements"}: ` +
      `look for whoever has that hardware address, or make the right one permanent (ip neigh replace ${m.target} lladdr ADDRESS dev ${m.interface} nud permanent)`,
  },
  "target-direct": {
    level: "info",
    text: (m) => `Target ${m.target} answers ${m.interface} of group "${m.group}" again without frames to all hosts`,
  },
  "target-in-time": {
    level: "info",
    text: (m) =>
      `Target ${m.target} answers ${FAMILY_WORDS[m.family]} ${m.interface} in time again; it is probed as the others are`,
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
  "settings-refused": {
    level: "error",
    text: (m) =>
      `The kernel lets no settings be written (${m.code}); mount /proc/sys writable (read-only is usual in containers), or set them by hand: ` +
      `sysctl -w ${m.settings.join(" ")}`,
  },
  "settings-taken": {
    level: "info",
    text: (m) => `These settings are as they have to be now: ${firstOf(m.settings, 3)}`,
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
