/** What probing many cards costs: the whole daemon, the same without test addresses, and what of it is whose thread's. */
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "../../src/control/client.ts";
import type { Laboratory } from "../support/laboratory.ts";
import { withContestant } from "./contestant.ts";
import { type ByRole, cpuPercentByRole } from "./costs.ts";
import type { Effort, Measured } from "./experiment.ts";
import type { Household } from "./household.ts";
import { ipmpd } from "./ipmpd.ts";

const MEMBERS = 4;
const TARGETS = 5;
/** By then the work of the start is over, that of the compiler of JavaScript included. */
const CALM_MS = 15_000;

/** Groups of four, each in a subnet of its own, where the router has five addresses. */
export interface Crowd {
  readonly nics: number;
  /** Default: that of the product. */
  readonly detectionTime?: string;
}

function address(group: number, last: number): string {
  return `10.${100 + group}.0.${last}`;
}

function groupsOf({ nics }: Crowd): number[] {
  return Array.from({ length: nics / MEMBERS }, (_, group) => group);
}

function targetsOf(group: number): string[] {
  return Array.from({ length: TARGETS }, (_, target) => address(group, 1 + target));
}

/** Without one there would be no route by which the kernel believes the answers. */
function dataAddressOf(group: number): string {
  return `${address(group, 201)}/24`;
}

function householdOf(crowd: Crowd): Household {
  const targets = groupsOf(crowd).flatMap(targetsOf);
  return {
    dataAddresses: groupsOf(crowd).map(dataAddressOf),
    ...{ subnets: [], gateways: [] },
    cardAddress: (card) => `${address(Math.floor(card / MEMBERS), 101 + (card % MEMBERS))}/24`,
    routerLines: targets.map((target) => `address add ${target}/24 dev lan`),
  };
}

function configuration(crowd: Crowd, isProbing: boolean) {
  const { detectionTime } = crowd;
  return ({ nics }: Laboratory, { cardAddress }: Household): object => {
    const member = (card: number) => [nics[card], isProbing ? { "test-address": cardAddress(card) } : {}] as const;
    const group = (number: number) => ({
      addresses: [dataAddressOf(number)],
      interfaces: Object.fromEntries(Array.from({ length: MEMBERS }, (_, one) => member(number * MEMBERS + one))),
      ...(isProbing && { targets: targetsOf(number) }),
      ...(isProbing && detectionTime !== undefined && { "failure-detection-time": detectionTime }),
    });
    return Object.fromEntries(groupsOf(crowd).map((number) => [`ipmp${number}`, group(number)]));
  };
}

interface Cost {
  readonly shares: ByRole;
  readonly answered: number;
}

function cost(crowd: Crowd, isProbing: boolean, { idleMs }: Effort): Promise<Cost> {
  const entrant = ipmpd(configuration(crowd, isProbing));
  return withContestant(entrant, { nics: crowd.nics }, householdOf(crowd), async (laboratory, { child, client }) => {
    await introduce(laboratory);
    await pause(CALM_MS);
    const before = await answered(client);
    const shares = await cpuPercentByRole(child.pid ?? 0, idleMs);
    return { shares, answered: (await answered(client)) - before };
  });
}

/**
 * Tells the cards where the targets are, for good: the kernel forgets neighbours where there are more than 1,024 of them, unless
 * the administrator of the machine allows for more (`gc_thresh3`, which is not a namespace's own).
 */
async function introduce(laboratory: Laboratory): Promise<void> {
  const [lan] = await laboratory.ipJson<{ address: string }>("router", "link", "show", "dev", "lan");
  const lines = laboratory.nics.flatMap((nic, card) =>
    targetsOf(Math.floor(card / MEMBERS)).map(
      (target) => `neighbour replace ${target} lladdr ${lan?.address} dev ${nic} nud permanent`,
    ),
  );
  await laboratory.ip("host", lines);
}

async function answered(client: Client): Promise<number> {
  const { interfaces } = await client.snapshot();
  return interfaces.flatMap(({ probes }) => probes).reduce((sum, probe) => sum + probe.answered, 0);
}

function whole({ prober, watch, rest }: ByRole): number {
  return prober + watch + rest;
}

/** In percent of one processor. The watch of carriers does the same in both: its noise is left out of what probing costs. */
export async function probingCost(crowd: Crowd, effort: Effort): Promise<Measured> {
  const { shares, answered: answers } = await cost(crowd, true, effort);
  const { shares: silent } = await cost(crowd, false, effort);
  return {
    series: {
      probing: [shares.prober + shares.rest - silent.rest],
      ...{ prober: [shares.prober], watch: [shares.watch], rest: [shares.rest], whole: [whole(shares)] },
      silent: [whole(silent)],
    },
    notes: [`${(answers / (effort.idleMs / 1000)).toFixed(0)} probes answered a second`],
  };
}
