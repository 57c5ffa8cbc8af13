/** A group whose probes are played by hand: no kernel, no machine. */
import assert from "node:assert/strict";
import type { AddressPrefix, Family, GroupConfiguration } from "../../../../src/core/configuration.ts";
import { type Group, type Member, newGroup } from "../../../../src/core/group.ts";
import {
  type InterfaceAddress,
  type Link,
  type OtherRoute,
  OUR_PROTOCOL,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import type { Message } from "../../../../src/core/messages.ts";
import type { Instance } from "../../../../src/core/probing/instance.ts";
import { type Consequence, takeResult } from "../../../../src/core/probing/judge.ts";
import type { ProbeResult } from "../../../../src/core/probing/results.ts";
import { updateProbing } from "../../../../src/core/probing/sources.ts";
import { followAddresses } from "../../../../src/core/probing/transitive.ts";

/** The step of a failure detection time of 10 s. */
export const STEP_MS = 1428;

export interface Setting extends Partial<Omit<GroupConfiguration, "members" | "targets">> {
  /** Per member the test addresses, with prefix length. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
  readonly targets?: readonly string[];
  readonly anonymous?: boolean;
}

export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** `192.0.2.21/24`; the subnet is only right for lengths of 24 and 64, and for link-local addresses. */
export function prefix(text: string): AddressPrefix {
  const [address = "", length] = text.split("/");
  const subnet = familyOf(address) === 4 ? address.replace(/\.\d+$/, `.0/${length}`) : `fe80::/${length}`;
  return { family: familyOf(address), address, prefixLength: Number(length), subnet, broadcast: "" };
}

export function linkOf(index: number, name: string): Link {
  const traits = {
    adminUp: true,
    carrier: true,
    carrierReported: true,
    carrierLosses: 0,
    running: true,
    multicast: true,
    mtu: 1500,
    master: 0,
    lower: 0,
  };
  const none = { pointToPoint: false, loopback: false, noArp: false, kind: "veth", alias: "" };
  return { index, name, hardwareAddress: `02:00:00:00:00:0${index}`, ...traits, ...none };
}

export function configure({ members = {}, targets = [], anonymous: _, ...rest }: Setting): GroupConfiguration {
  return {
    ...{ name: "g", groupInterface: true, failback: true, addresses: [], routes: [], spread: "l3" },
    ...{ failureDetectionTimeMs: 10_000, failureDetectionTimeCapMs: 100_000, failOn: "all-families" },
    flapLimit: undefined,
    linkUpDelayMs: 0,
    transitiveProbing: false,
    ...rest,
    members: Object.entries(members).map(([name, texts]) => {
      return { name, standby: false, testAddresses: texts.map(prefix) };
    }),
    targets: targets.map((address) => ({ family: familyOf(address), address })),
  };
}

/** The group, its time, and what was said. Members have links 1, 2, ... that are up, and their test addresses on them. */
export class Bench {
  readonly group: Group;
  readonly picture = new Picture();
  readonly said: Message[] = [];
  readonly log = (message: Message): void => {
    this.said.push(message);
  };
  now = 0;
  readonly #sequences = new Map<Instance, number>();

  constructor(setting: Setting) {
    this.group = newGroup(configure(setting), 0, setting.anonymous ?? false);
    this.group.members.forEach((member, at) => {
      this.setLink(member, linkOf(at + 1, member.configuration.name));
      Object.assign(member, { state: "running", graceUntil: 20_000 });
      for (const { address } of member.configuration.testAddresses) this.putAddress(at + 1, address);
    });
    this.update();
  }

  member(name: string): Member {
    const found = this.group.members.find(({ configuration }) => configuration.name === name);
    assert.ok(found, `no member ${name}`);
    return found;
  }

  instance(name: string, family: Family = 4): Instance {
    return this.member(name).instances[family];
  }

  setLink(member: Member, link: Link | undefined): void {
    member.link = link;
    if (link !== undefined) this.picture.links.set(link.index, link);
  }

  putAddress(index: number, address: string, traits: Partial<InterfaceAddress> = {}): void {
    const family = familyOf(address);
    const place = { index, family, address, prefixLength: family === 4 ? 32 : 128 } as const;
    const ours = { scope: "universe", protocol: OUR_PROTOCOL, tentative: false, deprecated: true } as const;
    this.picture.apply({ kind: "address", address: { ...place, ...ours, ...traits } });
  }

  /** `192.0.2.0/24`-like destinations; `gateway` "" where it is on-link. */
  route(index: number, destination: string, gateway: string, protocol = 4): OtherRoute {
    const family = familyOf(destination);
    const route: OtherRoute = { family, destination, metric: 0, protocol, index, gateway };
    this.picture.apply({ kind: "other-route", route });
    return route;
  }

  update(): void {
    updateProbing(this.group, this);
    followAddresses(this.group, this);
  }

  /** `name` is to host these data addresses, whoever hosted them before, and has them on its link. */
  host(name: string, ...addresses: readonly string[]): void {
    for (const address of addresses) {
      this.group.hosting.set(address, name);
      this.putAddress(this.member(name).link?.index ?? 0, address);
    }
    this.update();
  }

  /** A counted probe is sent one step later, to `target` or to the first active one, and this becomes of it. */
  probe(name: string, kind: ProbeResult["kind"], options: ProbeOptions = {}): Consequence {
    this.now += STEP_MS;
    return this.file(name, kind, options);
  }

  /** The same, now. */
  file(name: string, kind: ProbeResult["kind"], options: ProbeOptions = {}): Consequence {
    const { family = 4, ...rest } = options;
    const member = this.member(name);
    const instance = this.instance(name, family);
    const target = options.target ?? instance.targets.active[0]?.address ?? "192.0.2.1";
    const sequence = options.sequence ?? this.#nextSequence(instance);
    const place = { index: member.link?.index ?? 0, family, sequence, target, sentAt: this.now, from: target };
    const outcome = { roundTripMs: 1, code: "EPERM", text: "" };
    return takeResult(this.group, member, { ...place, ...outcome, ...rest, kind } as ProbeResult, this);
  }

  /** `many(5, "a", "lost")`. */
  many(count: number, name: string, kind: ProbeResult["kind"], options: ProbeOptions = {}): Consequence {
    let last: Consequence = { judge: false, planChanged: false };
    for (let round = 0; round < count; round++) last = this.probe(name, kind, options);
    return last;
  }

  /** The identifiers of what was said since the last call. */
  heard(): string[] {
    return this.said.splice(0).map(({ id }) => id);
  }

  /** Active targets in firing order. */
  targets(name: string, family: Family = 4): string {
    return this.instance(name, family)
      .targets.active.map(({ address }) => address)
      .join(" ");
  }

  /** All targets with kinds and states. */
  listed(name: string, family: Family = 4): string {
    return this.instance(name, family)
      .targets.all.map(({ address, kind, state }) => `${address} ${kind} ${state}`)
      .join(", ");
  }

  #nextSequence(instance: Instance): number {
    const sequence = Math.max(this.#sequences.get(instance) ?? 0, instance.history.next);
    this.#sequences.set(instance, sequence + 1);
    return sequence;
  }
}

export interface ProbeOptions {
  readonly family?: Family;
  readonly target?: string;
  readonly from?: string;
  readonly sequence?: number;
  readonly sentAt?: number;
  readonly roundTripMs?: number;
  readonly code?: string;
  readonly astray?: boolean;
}

/** Two members that are probed by IPv4, with one router. */
export const PAIR: Setting = {
  members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"] },
  targets: ["192.0.2.1"],
};

export const NOTHING: Consequence = { judge: false, planChanged: false };
export const JUDGE: Consequence = { judge: true, planChanged: false };
export const PLAN: Consequence = { judge: false, planChanged: true };
export const BOTH: Consequence = { judge: true, planChanged: true };
