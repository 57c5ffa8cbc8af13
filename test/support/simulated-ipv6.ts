/** Whether the simulated kernel gives a device IPv6, and how it shows that it does not. */
import type { KernelOutcome } from "../../src/core/kernel-state/kernel-objects.ts";
import { IPV6_DISABLED, NO_IPV6 } from "../../src/core/kernel-state/settings.ts";
import type { Device } from "./simulated-devices.ts";
import { refused } from "./simulated-outcomes.ts";

/** A device with less has no IPv6. */
const LEAST_MTU = 1280;

/** Why nothing of IPv6 can be had on this device, or undefined. */
export function ipv6Refusal(
  hasIpv6: boolean,
  device: Device | undefined,
  settings: Readonly<Record<string, string>>,
): KernelOutcome | undefined {
  if (!hasIpv6) return refused("EAFNOSUPPORT");
  if (device === undefined || device.mtu < LEAST_MTU) return refused("ENODEV");
  return settings[IPV6_DISABLED] === "1" ? refused("EACCES", "IPv6 is disabled on this device.") : undefined;
}

/** Keys and values of the settings of a device, or of the namespace; where there is no IPv6 at all there are none of it. */
export function shownSettings(
  hasIpv6: boolean,
  device: Device | undefined,
  settings: Readonly<Record<string, string>>,
): (readonly [key: string, value: string])[] {
  const isWithout = !hasIpv6 || (device !== undefined && device.mtu < LEAST_MTU);
  return Object.entries(settings)
    .map(([key, value]) => [key, isWithout && key === IPV6_DISABLED ? NO_IPV6 : value] as const)
    .filter(([key]) => !isWithout || key === IPV6_DISABLED || !key.startsWith("ipv6."));
}
