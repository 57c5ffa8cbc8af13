/** Whether each member is in the state that the world calls for, and is treated accordingly. */
import type { GroupConfiguration, MemberConfiguration } from "../../src/core/configuration.ts";
import { OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import type { InterfaceSnapshot } from "../../src/core/snapshot.ts";
import { probedFamilies } from "./truth.ts";
import { demand } from "./violated.ts";
import type { World } from "./world.ts";

/** Of every member, once all has had its time. */
export function checkStates(world: World): void {
  for (const group of world.configuration.groups) {
    for (const member of group.members) {
      const problem = mismatch(world, group, member);
      demand(problem === undefined, () => problem ?? "");
      if (world.truth.offline.has(member.name)) checkOutOfService(world, group, member.name);
    }
    checkTwins(world, group);
  }
  checkUngrouped(world);
}

/** Is somebody not yet what it has to become, though time may still mend that: probes and hold-downs take their time? */
export function isStillComing(world: World): boolean {
  return world.configuration.groups.some((group) =>
    group.members.some((member) => {
      if (mismatch(world, group, member) === undefined) return false;
      const row = rowOf(world, member.name);
      // A link that was found set down has a few seconds to come up.
      const isStarting = row?.state === "unknown" && row.reason === "new";
      const isHeld = ["flapping", "group-failure", "link-up-delay"].includes(row?.reason ?? "");
      return probedFamilies(group, member).length > 0 || isHeld || isStarting;
    }),
  );
}

function rowOf(world: World, name: string): InterfaceSnapshot | undefined {
  return world.daemon.snapshot().interfaces.find((row) => row.name === name);
}

function mismatch(world: World, group: GroupConfiguration, member: MemberConfiguration): string | undefined {
  const expected = world.expected(group, member);
  const row = rowOf(world, member.name);
  const states = { functioning: ["ok", "unknown"], failed: ["failed"], offline: ["offline"], either: null }[expected];
  if (row !== undefined && (states === null || states.includes(row.state))) return undefined;
  return `${member.name} is ${row?.state} (${row?.reason}) and has to be ${expected}`;
}

/** It carries nothing, and nobody probes it. */
function checkOutOfService({ kernel, daemon }: World, group: GroupConfiguration, name: string): void {
  const index = kernel.link(name)?.index;
  if (index === undefined) return;
  const carried = kernel.addresses.on(index).filter((held) => held.protocol === OUR_PROTOCOL && held.scope !== "link");
  demand(
    carried.length === 0,
    () => `${name} is offline and carries ${carried.map(({ address }) => address).join(" ")}`,
  );
  const nextHops = [...kernel.routing.nextHops.values()].filter((nextHop) => nextHop.index === index);
  const used = nextHops.some(({ protocol }) => protocol === OUR_PROTOCOL);
  demand(!used, () => `${name} of ${group.name} is offline and traffic leaves by it`);
  const probed = daemon.prober.plans.some((plan) => plan.index === index);
  demand(!probed, () => `${name} is offline and probed`);
}

/**
 * Of those with one and the same hardware address one at most functions; while it does all that have a link are out of service for
 * it, and while none does nobody is.
 */
function checkTwins(world: World, group: GroupConfiguration): void {
  const present = group.members
    .map(({ name }) => name)
    .filter((name) => world.kernel.link(name) !== undefined && !world.truth.offline.has(name));
  for (const name of present) {
    const address = world.kernel.link(name)?.hardwareAddress;
    const twins = present.filter((other) => world.kernel.link(other)?.hardwareAddress === address);
    const heard = twins.filter((other) => ["ok", "unknown"].includes(rowOf(world, other)?.state ?? ""));
    demand(heard.length <= 1, () => `of the twins ${twins.join(" ")} these function: ${heard.join(" ")}`);
    const waits = world.isDuplicate(name);
    const isRival = heard.length === 1 && !heard.includes(name) && world.truth.isLive(name);
    demand(waits || !isRival, () => `${name} is online beside its twin ${heard.join()}`);
    demand(!waits || heard.length === 1, () => `${name} waits for a twin that nobody hears`);
  }
}

/** Interfaces in no group are reported while that is wanted, and only then. */
function checkUngrouped({ daemon, kernel, configuration, truth }: World): void {
  const members = configuration.groups.flatMap((group) => group.members.map(({ name }) => name));
  const loose = kernel.links.filter((link) => link.kind === "" && !link.loopback && !members.includes(link.name));
  const rows = daemon.snapshot().interfaces.filter((row) => row.group === "");
  const wanted = configuration.trackUngrouped ? loose.map(({ name }) => name) : [];
  const shown = rows.map(({ name }) => name);
  const same = [...wanted].sort().join() === [...shown].sort().join();
  demand(same, () => `in no group are ${wanted.join(" ") || "none"}, shown are ${shown.join(" ") || "none"}`);
  for (const { name, state } of rows)
    demand(
      truth.isLive(name) || state === "failed" || state === "offline",
      () => `${name}, in no group, is ${state} without a link`,
    );
}
