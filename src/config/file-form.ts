/** A configuration in the form of the file again, every key said: what `GET /v1/config` answers, and `PUT /v1/config` takes. */
import type {
  AddressPrefix,
  Configuration,
  FailOn,
  FlapLimit,
  GroupConfiguration,
  RouteConfiguration,
  Spread,
} from "../core/configuration.ts";
import { durationText } from "./durations.ts";
import { LIMIT_FACTOR } from "./settings.ts";

export interface ConfigurationFile {
  readonly "track-ungrouped": boolean;
  readonly groups: Readonly<Record<string, GroupFile>>;
}

export interface GroupFile {
  readonly "group-interface": boolean;
  readonly failback: boolean;
  readonly "failure-detection-time": string;
  /** Absent where it is that of the rule. */
  readonly "failure-detection-time-limit"?: string;
  readonly "fail-on": FailOn;
  readonly "flap-limit": string;
  readonly "link-up-delay": string;
  readonly "transitive-probing": boolean;
  readonly interfaces: Readonly<Record<string, MemberFile>>;
  readonly addresses: readonly DataAddressFile[];
  readonly routes: readonly RouteFile[];
  readonly targets: readonly string[];
  readonly spread: Spread;
}

export interface MemberFile {
  readonly standby: boolean;
  readonly "test-address": readonly string[];
}

export interface DataAddressFile {
  readonly address: string;
  readonly prefer?: string;
}

export interface RouteFile {
  readonly to: string;
  readonly via: string;
  readonly metric: number;
}

/** Read again it is the same configuration, whatever defaults there are by then. */
export function fileForm({ trackUngrouped, groups }: Configuration): ConfigurationFile {
  return {
    "track-ungrouped": trackUngrouped,
    groups: Object.fromEntries(groups.map((group) => [group.name, groupForm(group)])),
  };
}

function groupForm(group: GroupConfiguration): GroupFile {
  const { failureDetectionTimeMs: timeMs, failureDetectionTimeCapMs: limitMs } = group;
  return {
    "group-interface": group.groupInterface,
    failback: group.failback,
    "failure-detection-time": durationText(timeMs),
    // Ten times a long time may be more than the file takes.
    ...(limitMs === LIMIT_FACTOR * timeMs ? {} : { "failure-detection-time-limit": durationText(limitMs) }),
    "fail-on": group.failOn,
    "flap-limit": flapForm(group.flapLimit),
    "link-up-delay": group.linkUpDelayMs === 0 ? "off" : durationText(group.linkUpDelayMs),
    "transitive-probing": group.transitiveProbing,
    interfaces: Object.fromEntries(
      group.members.map(({ name, standby, testAddresses }) => [
        name,
        { standby, "test-address": testAddresses.map(prefixForm) },
      ]),
    ),
    addresses: group.addresses.map((address) => ({
      address: prefixForm(address),
      ...(address.prefer === undefined ? {} : { prefer: address.prefer }),
    })),
    routes: group.routes.map(routeForm),
    targets: group.targets.map(({ address }) => address),
    spread: group.spread,
  };
}

function flapForm(limit: FlapLimit | undefined): string {
  return limit === undefined ? "off" : `${limit.count}/${durationText(limit.windowMs)}`;
}

function prefixForm({ address, prefixLength }: AddressPrefix): string {
  return `${address}/${prefixLength}`;
}

function routeForm({ to, via, metric }: RouteConfiguration): RouteFile {
  return { to, via, metric };
}
