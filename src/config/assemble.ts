/** Checked drafts -> the configuration that the machine takes as a fact. */
import type { Configuration, GroupConfiguration, RouteConfiguration } from "../core/configuration.ts";
import { addressPrefixOf } from "./addresses.ts";
import type { DraftDataAddress, DraftGroup, DraftRoute } from "./draft.ts";
import { destinationOf, sourceFor } from "./rules/routes.ts";

/** To be called only where no rule found a problem. */
export function assemble(groups: readonly DraftGroup[]): Configuration {
  return { groups: groups.map(assembleGroup) };
}

function assembleGroup(group: DraftGroup): GroupConfiguration {
  return {
    name: group.name,
    groupInterface: group.groupInterface,
    failback: group.failback,
    members: (group.members ?? []).map(({ name, standby, testAddresses }) => ({
      name,
      standby,
      testAddresses: testAddresses.map(({ value }) => addressPrefixOf(value)),
    })),
    addresses: group.addresses.map(({ value, prefer }) => ({
      ...addressPrefixOf(value),
      ...(prefer === undefined ? {} : { prefer: prefer.value }),
    })),
    routes: group.routes.map((route) => assembleRoute(route, group.addresses)),
    spread: group.spread.value,
  };
}

function assembleRoute(route: DraftRoute, addresses: readonly DraftDataAddress[]): RouteConfiguration {
  const { family, address } = route.via.value;
  const source = sourceFor(route.via.value, addresses)?.value.address;
  if (source === undefined) throw new Error(`route via ${address} passed the rules without a source`);
  return { family, to: destinationOf(route), via: address, metric: route.metric, source };
}
