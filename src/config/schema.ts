/**
 * The form of the file: keys, types and the texts of single values, as zod schemas. Each refusal carries what would
 * have been right; `issues.ts` adds what was found and where. What concerns several values at once is in `rules/`.
 */
import { z } from "zod";
import { readDestination, readHost, readHostPrefix } from "./addresses.ts";
import { readDelay, readDetectionTime, readFlapLimit } from "./durations.ts";
import { readDeviceName, readGroupName, readMemberName } from "./names.ts";
import type { Reading } from "./reading.ts";

/** A text that `read` understands. */
function text(read: (text: string) => Reading<unknown>, wanted: string, meta: Record<string, unknown>) {
  return z
    .string({ error: wanted })
    .check((payload) => {
      const reading = read(payload.value);
      if ("wanted" in reading) {
        payload.issues.push({ code: "custom", message: reading.wanted, input: payload.value });
      }
    })
    .meta(meta);
}

const flag = (description: string) => z.boolean({ error: "true or false" }).meta({ description });

const detectionTime = text(readDetectionTime, "a duration with its unit, such as 10s or 500ms", {
  description: "Time within which probes are to notice a failure. At least 10ms; default 10s.",
  pattern: "^[0-9]+(ms|s|m)$",
  examples: ["10s", "500ms"],
});
const detectionTimeLimit = text(readDetectionTime, "a duration with its unit, such as 60s", {
  description: "The failure detection time is never raised above this. Default: ten times that time.",
  pattern: "^[0-9]+(ms|s|m)$",
  examples: ["60s"],
});
const failOn = z
  .enum(["all-families", "any-family"], { error: "all-families or any-family" })
  .meta({ description: "An interface fails by probes when all probed families are dead (default), or when one is." });
const flapLimit = text(readFlapLimit, "repairs per duration, such as 2/60s, or off", {
  description: "Repairs that are believed at once within a time; later ones must hold first. Default 2/60s.",
  pattern: "^(off|[0-9]+/[0-9]+(ms|s|m))$",
  examples: ["2/60s", "off"],
});
const linkUpDelay = text(readDelay, "a duration with its unit, such as 30s, or off", {
  description: "For so long after its link came up a member carries nothing while another one can. Default off.",
  pattern: "^(off|[0-9]+(ms|s|m))$",
  examples: ["30s", "off"],
});
const transitiveProbing = flag(
  "Members without a test address are probed as well: from data addresses, or by ARP. Default false.",
);

const HOST_PREFIX = { pattern: "^[0-9a-fA-F:.]+/[0-9]{1,3}$", examples: ["192.0.2.19/24", "2001:db8::19/64"] };
const testAddress = text(readHostPrefix, "a test address with prefix length, such as 192.0.2.21/24", {
  ...HOST_PREFIX,
  description: "Address that stays on this interface, with the prefix length of its subnet.",
});

export const memberSchema = z
  .strictObject(
    {
      standby: flag("Held in reserve until a member that should be active fails. Default false.").optional(),
      "test-address": z
        .union([testAddress, z.array(testAddress)], { error: "a test address or a list of them" })
        .meta({ description: "One test address, or a list." })
        .optional(),
    },
    { error: "options such as { standby: true }, or nothing" },
  )
  .meta({ description: "Options of one member." });

const dataAddress = text(readHostPrefix, "an address with prefix length, such as 192.0.2.19/24", {
  ...HOST_PREFIX,
  description: "Data address with the prefix length of its subnet.",
});

export const dataAddressSchema = z.strictObject(
  {
    address: dataAddress,
    prefer: text(readDeviceName, "the name of a member", {
      description: "Member that this address goes home to after a repair, failback permitting.",
    }).optional(),
  },
  { error: "a mapping with `address` and, where needed, `prefer`" },
);

/** Ten thousand above it stands the backup route, which must not meet another. */
const GREATEST_METRIC = 9_999;
const METRIC = { error: `a whole number of 0 to ${GREATEST_METRIC}` };

export const routeSchema = z.strictObject(
  {
    to: text(readDestination, "default, a prefix such as 10.0.0.0/8, or the address of one host", {
      description: "Destination: default, a prefix, or one host.",
      examples: ["default", "10.0.0.0/8", "2001:db8:1::/48"],
    }),
    via: text(readHost, "the address of the gateway", { description: "Gateway, of the family of the destination." }),
    metric: z
      .int(METRIC)
      .min(0, METRIC)
      .max(GREATEST_METRIC, METRIC)
      .meta({ description: "The lower, the better. Default 0: that of the family." })
      .optional(),
  },
  { error: "a route: { to: default, via: 192.0.2.1 }" },
);

/** All addresses of a group move at once; beyond this a failover would take too long. */
export const MOST_ADDRESSES = 1000;

/** Five are asked at a time; the others wait for one of these to die. */
const MOST_TARGETS = 100;

const groupName = text(readGroupName, "the name of a group", { description: "Name of a group." });
const memberName = text(readMemberName, "the name of an interface", {
  description: "Name of a network interface.",
  pattern: "^[^\\s/:%]{1,15}$",
});

export const groupSchema = z
  .strictObject(
    {
      "group-interface": flag(
        "True (default): a device of the group's name holds the data addresses. False: only the members do.",
      ).optional(),
      failback: flag(
        "False: a repaired member stays inactive until it is needed. Default: as at top level.",
      ).optional(),
      "failure-detection-time": detectionTime.optional(),
      "failure-detection-time-limit": detectionTimeLimit.optional(),
      "fail-on": failOn.optional(),
      "flap-limit": flapLimit.optional(),
      "link-up-delay": linkUpDelay.optional(),
      "transitive-probing": transitiveProbing.optional(),
      interfaces: z
        .record(memberName, memberSchema.nullable(), { error: "the members as a mapping, one `NAME:` for each" })
        .meta({ description: "The members: interface names, each with its options or nothing.", minProperties: 1 }),
      addresses: z
        .array(
          z.union([dataAddress, dataAddressSchema], {
            error: "an address with prefix length, or { address: ..., prefer: ... }",
          }),
          { error: "a list of addresses with prefix length, such as [192.0.2.19/24]" },
        )
        .max(MOST_ADDRESSES, { error: `at most ${MOST_ADDRESSES} addresses` })
        .meta({ description: "Data addresses: what applications use, and what moves." })
        .optional(),
      routes: z
        .array(routeSchema, { error: "a list of routes, such as [{ to: default, via: 192.0.2.1 }]" })
        .meta({ description: "Routes over all active members." })
        .optional(),
      targets: z
        .array(text(readHost, "the address of a probe target", { description: "Probe target." }), {
          error: "a list of addresses, such as [192.0.2.137]",
        })
        .max(MOST_TARGETS, { error: `at most ${MOST_TARGETS} targets` })
        .meta({ description: "Hosts to probe, before routers." })
        .optional(),
      spread: z
        .enum(["l3", "l4", "none"], { error: "l3 (per destination), l4 (per flow) or none (through one member)" })
        .meta({ description: "Outbound spreading: l3 per destination (default), l4 per flow, none." })
        .optional(),
    },
    { error: "a mapping with at least `interfaces`" },
  )
  .meta({ description: "One group of interfaces on one IP link." });

export const fileSchema = z
  .strictObject(
    {
      "failure-detection-time": detectionTime.optional(),
      "failure-detection-time-limit": detectionTimeLimit.optional(),
      "fail-on": failOn.optional(),
      failback: flag("Default of the groups: false leaves a repaired member inactive until needed.").optional(),
      "track-ungrouped": flag("Watch and report interfaces that are in no group, too. Default false.").optional(),
      "flap-limit": flapLimit.optional(),
      "link-up-delay": linkUpDelay.optional(),
      "transitive-probing": transitiveProbing.optional(),
      groups: z
        .record(groupName, groupSchema, { error: "a mapping of group names (`groups: {}` means no group at all)" })
        .meta({ description: "The groups by name." }),
    },
    { error: "a mapping with `groups` (`groups: {}` means no group at all)" },
  )
  .meta({ title: "ipmp.yaml", description: "Configuration of ipmpd." });

/** The keys that a mapping at this place may have. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const [, , list, , ...deeper] = path;
  if (path.length === 0) return Object.keys(fileSchema.shape);
  if (path.length === 2) return Object.keys(groupSchema.shape);
  if (deeper.length > 0) return [];
  if (list === "interfaces") return Object.keys(memberSchema.shape);
  return Object.keys(list === "routes" ? routeSchema.shape : dataAddressSchema.shape);
}
