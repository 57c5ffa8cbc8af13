/** The route that the kernel itself makes for the subnet of an address: it leads traffic past a group. */
import { type InterfaceAddress, ROUTE_TABLE, type Route } from "../../src/core/kernel-state/kernel-objects.ts";
import { addressPrefix } from "./simulated-configuration.ts";

/** RTPROT_KERNEL. */
const KERNELS_PROTOCOL = 2;
/** A host's whole address has no subnet to make a route for. */
const WHOLE = { 4: 32, 6: 128 } as const;
const METRIC = { 4: 0, 6: 256 } as const;

/** Undefined for whole addresses, and for link-local ones: their subnets say nothing of where traffic goes. */
export function prefixRouteOf({ family, index, address, prefixLength, scope }: InterfaceAddress): Route | undefined {
  if (prefixLength === WHOLE[family] || scope !== "universe") return undefined;
  return {
    ...{ family, index, destination: addressPrefix(`${address}/${prefixLength}`).subnet, metric: METRIC[family] },
    ...{ table: ROUTE_TABLE.main, type: "unicast", scope: "link", protocol: KERNELS_PROTOCOL, nextHopId: 0 },
    source: family === 4 ? address : "",
  };
}
