/** What must hold of a family that some links do not have. */
import type { Family, GroupConfiguration } from "../../src/core/configuration.ts";
import { demand } from "./violated.ts";
import type { World } from "./world.ts";

/**
 * Nobody is said to serve an address of a family that its link does not have, and a group is not ok while a member lacks a family of its
 * addresses; where all that function lack it, it has failed.
 */
export function checkFamilies(world: World, group: GroupConfiguration, functioning: readonly string[]): void {
  const { truth, kernel } = world;
  const snapshot = world.daemon.snapshot();
  const state = snapshot.groups.find((row) => row.groupName === group.name)?.state;
  for (const family of new Set<Family>(group.addresses.map((address) => address.family))) {
    const lacking = group.members
      .map(({ name }) => name)
      .filter((name) => kernel.link(name) !== undefined && !truth.offline.has(name) && !truth.carries(name, family));
    for (const { address } of group.addresses.filter((one) => one.family === family)) {
      const inbound = snapshot.addresses.find((row) => row.address === address)?.inbound ?? "";
      demand(!lacking.includes(inbound), () => `${address} is said to be on ${inbound}, which has no IPv${family}`);
    }
    if (lacking.length === 0) continue;
    demand(state !== "ok", () => `${group.name} is ok, and ${lacking.join(" ")} can not carry IPv${family}`);
    const isCutOff = functioning.length > 0 && functioning.every((name) => lacking.includes(name));
    demand(!isCutOff || state === "failed", () => `${group.name} is ${state}, and nobody can carry IPv${family}`);
  }
}
