/** Us: the daemon as users run it, from `dist`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, ControlError, type DaemonSnapshot } from "../../src/control/client.ts";
import type { Laboratory } from "../support/laboratory.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Contestant, type Entrant, listen, untilPlaced } from "./contestant.ts";
import { type Household, isIpv6 } from "./household.ts";

export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const GROUP = "ipmp0";
const SETTLE_DEADLINE_MS = 30_000;

export interface Daemon extends Contestant {
  readonly client: Client;
}

type Configure = (laboratory: Laboratory, household: Household) => object;

/** With what it is told of the groups. */
export function ipmpd(groups: Configure): Entrant<Daemon> {
  return {
    name: "ipmpd",
    prepare: async (laboratory, household) => {
      // A benchmark is one long flap: believe every return at once.
      const configuration = { "flap-limit": "off", groups: groups(laboratory, household) };
      // YAML takes JSON as it is.
      writeFileSync(configurationFile(laboratory), JSON.stringify(configuration, undefined, 2));
    },
    launch,
  };
}

/** The last card is the standby; with two cards that is an active/standby pair. */
export const IPMPD = ipmpd(oneGroup);

export function configurationFile(laboratory: Laboratory): string {
  return `${laboratory.directory}/ipmp.yaml`;
}

function oneGroup({ nics }: Laboratory, household: Household): object {
  const { dataAddresses, cardAddress, gateways, probing } = household;
  const members = nics.map((nic, card) => {
    const standby = card === nics.length - 1;
    return [nic, { "test-address": cardAddress(card), standby }];
  });
  const group = {
    interfaces: Object.fromEntries(members),
    addresses: dataAddresses,
    routes: gateways.map((via) => ({ to: isIpv6(via) ? "::/0" : "0.0.0.0/0", via })),
    ...(probing && { "failure-detection-time": probing.detectionTime, targets: probing.targets }),
  };
  return { [GROUP]: group };
}

function launch(laboratory: Laboratory, household: Household): Daemon {
  const runtimeDir = `${laboratory.directory}/runtime`;
  const stateDir = `${laboratory.directory}/state`;
  for (const directory of [runtimeDir, stateDir]) mkdirSync(directory, { recursive: true });
  const words = [process.execPath, `${DIST}/cli/ipmpd.js`, "--config", configurationFile(laboratory)];
  const child = laboratory.spawn("host", [...words, "--runtime-dir", runtimeDir, "--state-dir", stateDir], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let failures = 0;
  const lastWords = listen(child, (line) => {
    if (line.includes("IP interface failure detected on")) failures++;
  });
  const client = new Client({ runtimeDir });
  return {
    child,
    client,
    lastWords,
    failures: () => failures,
    settled: async () => {
      await waitFor("every card to be fine", () => look(client), allFine, SETTLE_DEADLINE_MS);
      await untilPlaced(laboratory, household);
    },
  };
}

/** Undefined while the daemon is not yet there to ask. */
async function look(client: Client): Promise<DaemonSnapshot | undefined> {
  try {
    return await client.snapshot();
  } catch (error) {
    if (error instanceof ControlError && error.code === "NO_DAEMON") return undefined;
    throw error;
  }
}

function allFine(snapshot: DaemonSnapshot | undefined): boolean {
  if (snapshot === undefined) return false;
  const { interfaces, addresses } = snapshot;
  const fine = interfaces.every(({ state, active, flags }) => state === "ok" && active !== flags.standby);
  return fine && addresses.every(({ inbound }) => inbound !== null);
}
