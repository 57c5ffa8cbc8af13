/**
 * A lenient second reading of the document: whatever is well-formed, with its place, even while other parts are not.
 * So that rules about several values can be checked in the same run as the form.
 */
import type { Spread } from "../core/configuration.ts";
import {
  type Destination,
  type IpAddress,
  type IpPrefix,
  readDestination,
  readHost,
  readHostPrefix,
} from "./addresses.ts";
import type { MpathdDefaults } from "./mpathd.ts";
import { readDeviceName } from "./names.ts";
import type { Places } from "./places.ts";
import { draftSettings, type Settings, settingsBefore } from "./settings.ts";
import {
  below,
  draftList,
  draftText,
  type Fields,
  fieldsOf,
  isFields,
  keyOffset,
  type Placed,
  type Spot,
  valueOffset,
} from "./spot.ts";

export interface DraftMember {
  readonly name: string;
  readonly offset: number;
  readonly standby: boolean;
  readonly testAddresses: readonly Placed<IpPrefix>[];
}

export interface DraftDataAddress extends Placed<IpPrefix> {
  readonly prefer: Placed<string> | undefined;
}

export interface DraftRoute {
  readonly to: Placed<Destination>;
  readonly via: Placed<IpAddress>;
  readonly metric: number;
}

export interface DraftGroup {
  readonly name: string;
  readonly offset: number;
  readonly groupInterface: boolean;
  readonly settings: Settings;
  readonly spread: Placed<Spread>;
  /** False where the default stands in. */
  readonly spreadGiven: boolean;
  /** Undefined: there is no readable `interfaces` mapping. */
  readonly members: readonly DraftMember[] | undefined;
  readonly addresses: readonly DraftDataAddress[];
  /** False where some may be there that could not be read. */
  readonly addressesKnown: boolean;
  readonly routes: readonly DraftRoute[];
  readonly targets: readonly Placed<IpAddress>[];
}

/** Everything readable of the file. */
export interface Draft {
  readonly trackUngrouped: boolean;
  readonly groups: readonly DraftGroup[];
}

/** `defaults` stand in for what the file does not say at top level. */
export function draftOf(root: unknown, places: Places, defaults: MpathdDefaults): Draft {
  const file = fieldsOf(root);
  const top: Spot = { path: [], places };
  const settings = draftSettings(file, top, settingsBefore(defaults));
  const tracked = file["track-ungrouped"];
  return {
    trackUngrouped: typeof tracked === "boolean" ? tracked : (defaults.trackUngrouped ?? false),
    groups: Object.entries(fieldsOf(file.groups)).map(([name, value]) =>
      draftGroup(name, fieldsOf(value), below(top, "groups", name), settings),
    ),
  };
}

function draftGroup(name: string, fields: Fields, spot: Spot, inherited: Settings): DraftGroup {
  const spread = fields.spread === "l4" || fields.spread === "none" ? fields.spread : "l3";
  const addresses = draftList(fields.addresses, below(spot, "addresses"), draftDataAddress);
  return {
    name,
    offset: keyOffset(spot),
    groupInterface: fields["group-interface"] !== false,
    settings: draftSettings(fields, spot, inherited),
    spread: { value: spread, offset: valueOffset(below(spot, "spread")) },
    spreadGiven: fields.spread !== undefined,
    members: isFields(fields.interfaces) ? draftMembers(fields.interfaces, below(spot, "interfaces")) : undefined,
    addresses,
    addressesKnown: Array.isArray(fields.addresses) && fields.addresses.length === addresses.length,
    routes: draftList(fields.routes, below(spot, "routes"), draftRoute),
    targets: draftList(fields.targets, below(spot, "targets"), (value, at) => draftText(value, at, readHost)),
  };
}

function draftMembers(interfaces: Fields, spot: Spot): DraftMember[] {
  return Object.entries(interfaces).map(([name, value]) => {
    const options = fieldsOf(value);
    return {
      name,
      offset: keyOffset(below(spot, name)),
      standby: options.standby === true,
      testAddresses: draftTestAddresses(options["test-address"], below(spot, name, "test-address")),
    };
  });
}

function draftTestAddresses(value: unknown, spot: Spot): Placed<IpPrefix>[] {
  const read = (text: unknown, at: Spot) => draftText(text, at, readHostPrefix);
  if (Array.isArray(value)) return draftList(value, spot, read);
  const single = read(value, spot);
  return single === undefined ? [] : [single];
}

function draftDataAddress(value: unknown, spot: Spot): DraftDataAddress | undefined {
  const fields = fieldsOf(value);
  const address = isFields(value)
    ? draftText(fields.address, below(spot, "address"), readHostPrefix)
    : draftText(value, spot, readHostPrefix);
  if (address === undefined) return undefined;
  return { ...address, prefer: draftText(fields.prefer, below(spot, "prefer"), readDeviceName) };
}

function draftRoute(value: unknown, spot: Spot): DraftRoute | undefined {
  const fields = fieldsOf(value);
  const to = draftText(fields.to, below(spot, "to"), readDestination);
  const via = draftText(fields.via, below(spot, "via"), readHost);
  if (to === undefined || via === undefined) return undefined;
  return { to, via, metric: typeof fields.metric === "number" ? fields.metric : 0 };
}
