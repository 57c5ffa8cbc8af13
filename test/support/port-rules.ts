/**
 * Bad paths, made by nftables at a switch port: what can be exact is exact, and every frame is seen. What takes time (delay,
 * reordering) needs the cables of kind tap.
 */

import { portOf } from "./laboratory-plan.ts";

/** Frames that come to the card or neighbour at the other end of the cable, and that leave it. */
export type Direction = "in" | "out";

/** Rules of the port's chains, tried in order; a frame that none of them drops goes on. */
export type PortRules = { readonly [Way in Direction]?: readonly string[] };

/** Echo requests and replies, and nothing else: ARP, neighbour discovery and data live. */
export const ECHO = {
  4: "icmp type { echo-request, echo-reply }",
  6: "icmpv6 type { echo-request, echo-reply }",
} as const;

/** The copies of probes that are sent to all after a loss. */
export const COPIES = "ether daddr ff:ff:ff:ff:ff:ff ip protocol icmp";

/** What an address sends, and what is sent to it. */
export function fromAddress(address: string): string {
  return `${familyWord(address)} saddr ${address}`;
}

export function toAddress(address: string): string {
  return `${familyWord(address)} daddr ${address}`;
}

function familyWord(address: string): string {
  return address.includes(":") ? "ip6" : "ip";
}

/** Each rule is for the frames that `which` selects, by default all of them. */
export function lost(which = ""): string {
  return `${which} drop`;
}

export function lostByChance(percent: number, which = ""): string {
  return `${which} numgen random mod 100 < ${percent} drop`;
}

/** The first `count` of every `of` frames: `someLost(1, 4)` is every fourth. */
export function someLost(count: number, of: number, which = ""): string {
  return `${which} numgen inc mod ${of} < ${count} drop`;
}

/** A bucket of so many frames, filled up at so many a second; what finds it empty is lost. */
export function limited(perSecond: number, burst: number, which = ""): string {
  return `${which} limit rate over ${perSecond}/second burst ${burst} packets drop`;
}

/** A copy goes to a neighbour, besides the frame itself. Only for frames that leave the other end. */
export function doubled(neighbour: string, which = ""): string {
  return `${which} dup to "${portOf(neighbour)}"`;
}

/** Input of `nft -f -` that puts these rules in the place of those before; the port's own chains are the hooks of its device. */
export function portTable(port: string, rules: PortRules): string {
  const chain = (hook: "ingress" | "egress", lines: readonly string[]) =>
    `chain ${hook} { type filter hook ${hook} device "${port}" priority 0;\n${lines.join("\n")}\n}`;
  const { in: coming = [], out: leaving = [] } = rules;
  const chains = [chain("ingress", leaving), chain("egress", coming)];
  return `${noTable(port)}table netdev ${port} {\n${chains.join("\n")}\n}\n`;
}

/** Input of `nft -f -` that takes all rules of a port away, if there are any. */
export function noTable(port: string): string {
  return `table netdev ${port}\ndelete table netdev ${port}\n`;
}
