/**
 * Seeds of lives in which something was found once, each with what it was. They run before all others: what went wrong once goes wrong
 * again sooner than anything else. A change to the faults makes other lives of them, so each find has a transcript of its own, too.
 */
export const ONCE_FAILED: Readonly<Record<number, string>> = {
  2770: "a link bounced, the notices of its armed plan were lost, and peers kept what it had told them",
  5789: "the same, and the card that peers had been told of was pulled out later",
  6737: "a member was failed for targets that had died, while others asked hosts in their place",
  8532: "the same with a router, in IPv4",
  318: "a member without IPv6 was failed for a dead IPv4 target, since others were answered by IPv6",
  173: "a group was degraded, not failed, whose only functioning members had no IPv6",
  1288: "a next hop that was granted in a batch given up by then was left out for good",
};
