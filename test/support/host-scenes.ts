/** The life of one daemon on a host of the table, scene by scene. */
import assert from "node:assert/strict";
import type { DaemonSnapshot } from "../../src/control/client.ts";
import type { Family } from "../../src/core/configuration.ts";
import { ipmpd, LabDaemon } from "./daemon.ts";
import {
  activeAtFirst,
  configurationOf,
  DATA_ADDRESSES,
  familiesOf,
  hasIpv6,
  hasIpv6AtFirst,
  membersOf,
  PEER_ADDRESSES,
  switchIpv6,
} from "./host-conditions.ts";
import { dumpOf, hostAddresses } from "./host-picture.ts";
import type { Host } from "./host-table.ts";
import { ADDRESSES, type Laboratory } from "./laboratory.ts";
import { memberOf, untilJudged, untilLogged } from "./probed-group.ts";
import { Reach } from "./reach.ts";
import { waitFor } from "./wait-for.ts";

/** Longer than any state takes on a busy machine. */
const STATE_MS = 30_000;

/** What is wrong and not mended yet, with its cause. It is shown to be wrong, so that no entry outlives its cure. */
const KNOWN = {
  /** Asked for the way back by one link, the kernel does not find an IPv6 route over several links. */
  strictFilterAndIpv6: (host: Host, carriers: number) => host.filter === "strict" && carriers > 1,
  /** The way back to its targets leads by other members, so the answers to the probes of a failed one are dropped: it stays failed. */
  strictFilterAndProbes: (host: Host) =>
    host.filter === "strict" && host.judged === "by probes" && familiesOf(host).includes(4) && host.members !== "1",
} as const;

export const MENDED = "this works by now: take it out of what is known to be wrong";

/** What neighbours ask is answered, or asked again by their kernel, well within this time. */
const REACH_MS = 5_000;

/** More probes than it takes to repair a member whose probes are answered. */
const ANSWERS_FOR_A_REPAIR = 15;

/** A line that tells of a setting to be taken down. */
const REMEDY = /: sysctl -w net\.(\S+)=(\d+)$/gm;

/** Settings that such a line may name: what an administrator has changed meanwhile nobody puts back. */
const OF_ALL_LINKS = /\/conf\/all\/arp_/;

/** Among the addresses that a link is shown with. */
const LINK_LOCAL_OF_LINK = /,?\{"family":"inet6","local":"fe80:[^}]*\}/g;

export class HostScenes {
  readonly #host: Host;
  readonly #laboratory: Laboratory;
  readonly #configuration: string;
  readonly #members: readonly string[];
  readonly #first: string;
  readonly #reach = new Map<Family, Reach>();
  /** Of the member with this number, by now. */
  #hasIpv6: (number: number) => boolean;
  #daemon!: LabDaemon;

  constructor(host: Host, laboratory: Laboratory) {
    this.#host = host;
    this.#laboratory = laboratory;
    this.#configuration = configurationOf(laboratory, host);
    this.#members = membersOf(laboratory, host);
    this.#first = this.#members[0] ?? "";
    this.#hasIpv6 = (number) => hasIpv6AtFirst(host, number);
  }

  /** All scenes, one after the other. */
  async play(): Promise<void> {
    const untouched = await this.#dump();
    this.#daemon = await LabDaemon.start(this.#laboratory, this.#configuration);
    try {
      await this.#start();
      if (KNOWN.strictFilterAndProbes(this.#host)) return await this.#neverRepaired();
      await this.#lose(
        "carrier",
        () => this.#laboratory.pull(this.#first),
        () => this.#laboratory.plug(this.#first),
      );
      if (this.#canBeProbed()) {
        await this.#lose(
          "path",
          () => this.#laboratory.blackhole(this.#first),
          () => this.#laboratory.heal(this.#first),
        );
      }
      if (this.#members.length > 1) await this.#move();
      await this.#crash();
      await this.#release(untouched);
    } catch (error) {
      throw new Error(`${(error as Error).message}\nIts log says:\n${this.#daemon.log()}`, { cause: error });
    }
  }

  async #start(): Promise<void> {
    await this.#untilTold();
    await this.#followRemedies();
    await this.#untilWell();
    await this.#assertReach("after the start");
    if (this.#host.ipv6 !== "off for the first later") return;
    await switchIpv6(this.#laboratory, "off");
    this.#hasIpv6 = (number) => hasIpv6(this.#host, number);
    await this.#assertReach("without IPv6 on the first");
  }

  async #lose(what: string, breakIt: () => Promise<unknown>, mendIt: () => Promise<unknown>): Promise<void> {
    await breakIt();
    await this.#untilState("failed");
    await this.#assertReach(`without ${what}`, this.#members.slice(1));
    await mendIt();
    await this.#untilState("ok");
    await this.#assertReach(`with its ${what} back`);
  }

  async #neverRepaired(): Promise<void> {
    await this.#laboratory.pull(this.#first);
    await this.#untilState("failed");
    await this.#laboratory.plug(this.#first);
    await this.#daemon.until(
      `${this.#first} to have its link back`,
      (seen) => memberOf(seen, this.#first).link === "up",
    );
    const seen = await untilJudged(this.#daemon, [this.#first], ANSWERS_FOR_A_REPAIR);
    assert.equal(memberOf(seen, this.#first).state, "failed", MENDED);
  }

  async #move(): Promise<void> {
    await this.#administer("-d");
    await this.#assertReach("while the first is out of service", this.#members.slice(1));
    await this.#administer("-r");
    await this.#assertReach("with the first back in service");
  }

  async #crash(): Promise<void> {
    await this.#untilOneHost();
    await this.#daemon.kill();
    await this.#assertReach("while the daemon is dead");
    this.#daemon = await LabDaemon.start(this.#laboratory, this.#configuration);
    await this.#untilWell();
    await this.#assertReach("after the restart");
  }

  async #release(untouched: readonly string[]): Promise<void> {
    assert.equal(await this.#daemon.stop(), 0);
    const { status, stderr } = await ipmpd(this.#laboratory, "host", "--release");
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    if (this.#host.ipv6 === "off for the first later") await switchIpv6(this.#laboratory, "on");
    const left = await this.#dump();
    const difference = {
      gone: untouched.filter((line) => !left.includes(line)),
      new: left.filter((line) => !untouched.includes(line)),
    };
    assert.deepEqual(difference, { gone: [], new: [] }, "a release leaves the host as it was");
  }

  /** Everything of ours that does not work here is in the log, by the name of its cause. */
  async #untilTold(): Promise<void> {
    for (const line of expectedLines(this.#host, this.#members)) await untilLogged(this.#daemon, line);
  }

  /** Does what the log says is to be done, as an administrator would. */
  async #followRemedies(): Promise<void> {
    const found = [...this.#daemon.log().matchAll(REMEDY)].map(([, name = "", value]) => ({ name, value }));
    const input = found
      .map(({ name, value }) => `echo ${value} >/proc/sys/net/${name.replaceAll(".", "/")}\n`)
      .join("");
    await this.#laboratory.run("host", ["sh", "-e"], { input });
  }

  /** Every member works, and carries what it is to carry. */
  async #untilWell(): Promise<void> {
    const families = familiesOf(this.#host).filter((family) => this.#isCarried(family, this.#members));
    await this.#daemon.until(
      "every member to work and every address to be carried",
      ({ addresses, interfaces }) =>
        interfaces.every(({ state }) => state === "ok") &&
        addresses.every(({ family, inbound }) => inbound !== null || !families.includes(family)),
      STATE_MS,
    );
  }

  /** A planned move leaves the old copy of an address behind for a while. */
  #untilOneHost(): Promise<unknown> {
    const data = familiesOf(this.#host).flatMap((family) => DATA_ADDRESSES[family]);
    return waitFor(
      "one member to host each data address",
      () => hostAddresses(this.#laboratory),
      (lines) => {
        const copies = lines.filter((line) => this.#members.some((name) => line.endsWith(` ${name}`)));
        return data.every((address) => copies.filter((line) => line.startsWith(`${address}/`)).length <= 1);
      },
    );
  }

  #untilState(state: string): Promise<unknown> {
    const reached = (seen: DaemonSnapshot) => memberOf(seen, this.#first).state === state;
    return this.#daemon.until(`${this.#first} to be ${state}`, reached, STATE_MS);
  }

  async #administer(option: string): Promise<void> {
    const { status, stderr } = await this.#daemon.tool("if_mpadm", option, this.#first);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  }

  /** Everybody reaches everybody by `members`, also who has forgotten where the data addresses are. */
  async #assertReach(when: string, members = this.#members): Promise<void> {
    for (const family of familiesOf(this.#host)) {
      if (!this.#isCarried(family, members)) continue;
      const isKnown = family === 6 && KNOWN.strictFilterAndIpv6(this.#host, this.#ipv6Carriers(members));
      const reach = await this.#reachOf(family);
      for (const memory of ["", " by neighbours that have to ask anew"]) {
        if (memory !== "") await this.#laboratory.ip("peer", ["neigh flush all"]);
        const missing = isKnown ? await reach.missing() : await reach.lastMissing(REACH_MS);
        if (isKnown) assert.notDeepEqual(missing, [], MENDED);
        else assert.deepEqual(missing, [], `IPv${family} ${when}${memory}`);
      }
    }
  }

  /** Whether these members can carry the family. */
  #isCarried(family: Family, members: readonly string[]): boolean {
    return (family === 4 ? members : this.#withIpv6(members)).length > 0;
  }

  #withIpv6(members: readonly string[]): string[] {
    return members.filter((name) => this.#hasIpv6(this.#members.indexOf(name)));
  }

  /** How many carry IPv6 when these work: where one is missing a standby takes its place. */
  #ipv6Carriers(members: readonly string[]): number {
    const allWork = members.length === this.#members.length;
    return this.#withIpv6(allWork ? members.slice(0, activeAtFirst(this.#host)) : members).length;
  }

  /** The first member. What has no family to be probed with is judged by its link, as the log says. */
  #canBeProbed(): boolean {
    if (this.#host.judged === "by link") return false;
    return familiesOf(this.#host).includes(4) || this.#hasIpv6(0);
  }

  async #reachOf(family: Family): Promise<Reach> {
    const known = this.#reach.get(family);
    if (known !== undefined) return known;
    const reach = await Reach.start(this.#laboratory, { namespace: "host", address: DATA_ADDRESSES[family] }, [
      { namespace: "peer", address: PEER_ADDRESSES[family] },
      { namespace: "client", address: ADDRESSES.client[family] },
    ]);
    this.#reach.set(family, reach);
    return reach;
  }

  /**
   * Without link-local addresses and their routes, which the kernel may still be about to make; and a tap says whether its link is up
   * only once it has been down.
   */
  async #dump(): Promise<string[]> {
    const filters = (await this.#laboratory.run("host", ["nft", "list", "ruleset"])).stdout.split("\n");
    const lines = [...(await dumpOf(this.#laboratory, "host")), ...filters];
    return lines
      .map((line) => line.replace(LINK_LOCAL_OF_LINK, "").replace('"operstate":"UNKNOWN"', '"operstate":"UP"'))
      .filter((line) => !line.includes("fe80:") && !OF_ALL_LINKS.test(line));
  }
}

/** What has to be said of a host, since it can not be made good by us. */
function expectedLines(host: Host, members: readonly string[]): RegExp[] {
  const families = familiesOf(host);
  const outweighs = (name: "arp_filter" | "arp_ignore" | "arp_announce", most: number) =>
    families.includes(4) && Number(host[`all.${name}`]) > most
      ? [new RegExp(`net\\.ipv4\\.conf\\.all\\.${name}=. outweighs`)]
      : [];
  const borrows = members.length > 1 && host.judged !== "by probes";
  const withoutIpv6 = members.filter((_, number) => families.includes(6) && !hasIpv6AtFirst(host, number));
  return [
    ...outweighs("arp_filter", 0),
    ...outweighs("arp_ignore", 1),
    ...(borrows ? outweighs("arp_announce", 0) : []),
    ...withoutIpv6.map((name) => new RegExp(`${name} .*IPv6`)),
  ];
}
