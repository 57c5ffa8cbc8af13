/** Links that lose IPv6 and get it back: IPv4 goes on as if nothing had happened. */
import { type Fault, onNic } from "./fault.ts";
import type { World } from "./world.ts";

/** IPv6 needs 1280. */
const SMALL_MTU = 1_200;
const USUAL_MTU = 1_500;

export const FAMILY_FAULTS: readonly Fault[] = [
  { weight: 2, name: "IPv6 switched off", happen: (world) => onNic(world, (nic) => world.kernel.disableIpv6(nic)) },
  { weight: 3, name: "IPv6 switched on", happen: (world) => onNic(world, (nic) => switchOn(world, nic)) },
  { weight: 2, name: "MTU small", happen: (world) => onNic(world, (nic) => world.kernel.setMtu(nic, SMALL_MTU)) },
  { weight: 3, name: "MTU as before", happen: (world) => onNic(world, (nic) => world.kernel.setMtu(nic, USUAL_MTU)) },
];

/** Either way to take IPv6 from a link. */
export function loseIpv6(world: World, name: string): void {
  world.truth.touch(name);
  if (world.random.chance(0.5)) world.kernel.disableIpv6(name);
  else world.kernel.setMtu(name, SMALL_MTU);
}

/** Every link has again what its kernel can give it. */
export function endFamilyFaults(world: World): void {
  const { kernel, truth } = world;
  for (const { name, index } of kernel.links) {
    if (kernel.link(name)?.kind !== "" || truth.carries(name, 6)) continue;
    if (kernel.settings.of(index)["ipv6.disable_ipv6"] === "1") switchOn(world, name);
    if (kernel.link(name)?.mtu === SMALL_MTU) kernel.setMtu(name, USUAL_MTU);
    truth.touch(name);
  }
}

function switchOn(world: World, name: string): void {
  const { kernel, truth } = world;
  const index = kernel.link(name)?.index ?? 0;
  if (kernel.settings.of(index)["ipv6.disable_ipv6"] !== "1") return;
  kernel.enableIpv6(name);
  // The kernel tells of it by the link-local address alone, which a link that is down does not get.
  world.lostSilently ||= !truth.isLive(name);
}
