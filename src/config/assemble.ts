/** Checked drafts -> the configuration that the machine takes as a fact. */
import type { Configuration, GroupConfiguration, RouteConfiguration } from "../core/configuration.ts";
import { addressPrefixOf } from "./addresses.ts";
import type { Draft, DraftDataAddress, DraftGroup, DraftRoute } from "./draft.ts";
import { destinationOf, sourceFor } from "./rules/routes.ts";
import { limitOf } from "./settings.ts";

/** To be called only where no rule found a problem. */
export function assemble({ trackUngrouped, groups }: Draft): Configuration {
  return { trackUngrouped, groups: groups.map(assembleGroup) };
}

function assembleGroup(group: DraftGroup): GroupConfiguration {
  return {
    name: group.name,
    groupInterface: group.groupInterface,
    failback: group.settings.failback,
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
    failureDetectionTimeMs: group.settings.detectionTimeMs.value,
    failureDetectionTimeCapMs: limitOf(group.settings),
    failOn: group.settings.failOn,
    flapLimit: group.settings.flapLimit,
    linkUpDelayMs: group.settings.linkUpDelayMs,
    transitiveProbing: group.settings.transitiveProbing,
    targets: group.targets.map(({ value: { family, address } }) => ({ family, address })),
  };
}

function assembleRoute(route: DraftRoute, addresses: readonly DraftDataAddress[]): RouteConfiguration {
  const { family, address } = route.via.value;
  const source = sourceFor(route.via.value, addresses)?.value.address;
  if (source === undefined) throw new Error(`route via ${address} passed the rules without a source`);
  return { family, to: destinationOf(route), via: address, metric: route.metric, source };
}
