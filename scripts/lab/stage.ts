/** The stage of both scenes: a laboratory with the daemon at work in its host. */
import type { DaemonSnapshot } from "../../src/control/client.ts";
import { allCarried, LabDaemon } from "../../test/support/daemon.ts";
import { ADDRESSES, Laboratory, wireRefusal } from "../../test/support/laboratory.ts";
import type { Terminal } from "./terminal.ts";

/** Data addresses of the group. */
export const DATA = { 4: "192.0.2.10", 6: "2001:db8::10", second: "192.0.2.11" } as const;

/** Within it probes find a dead path behind a good link. */
export const DETECTION_TIME_MS = 200;

/** So much is asked of each member before it is said to be well: by then round trips are known, and those of the first rush forgotten. */
const ANSWERS_TO_SETTLE = 20;

const MEMBERS = `
    interfaces:
      eth0:
      eth1:
      eth2: { standby: true }`;

/** Two targets, so that the death of one is not taken for that of all interfaces. */
const PROBED_MEMBERS = `
    failure-detection-time: ${DETECTION_TIME_MS}ms
    interfaces:
      eth0: { test-address: 192.0.2.20/24 }
      eth1: { test-address: 192.0.2.21/24 }
      eth2: { test-address: 192.0.2.22/24, standby: true }
    targets: [${ADDRESSES.router[4]}, ${ADDRESSES.peer[4]}]`;

function configuration(members: string): string {
  return `groups:
  ipmp0:${members}
    addresses:
      - ${DATA[4]}/24
      - ${DATA.second}/24
      - ${DATA[6]}/64
    routes:
      - { to: default, via: ${ADDRESSES.router[4]} }
      - { to: default, via: ${ADDRESSES.router[6]} }
`;
}

export interface Stage {
  readonly laboratory: Laboratory;
  readonly daemon: LabDaemon;
}

/** Sets the stage, without probes, and waits until every data address has its place. */
export async function setStage(terminal: Terminal): Promise<Stage> {
  const wire = wireRefusal("tap") === undefined ? "tap" : "veth";
  const laboratory = await terminal.during("making the laboratory", Laboratory.create({ nics: 3, wire, peer: true }));
  const daemon = await terminal.during("starting ipmpd", LabDaemon.start(laboratory, configuration(MEMBERS)));
  const placed = daemon.until(
    "all data addresses to be carried by working members",
    (snapshot) => allCarried(snapshot) && isWell(snapshot),
  );
  await terminal.during("waiting for the placement", placed);
  return { laboratory, daemon };
}

/** Gives the members test addresses, and waits until each of them has been answered for a while. */
export async function beginProbing(terminal: Terminal, { daemon }: Stage): Promise<void> {
  daemon.write(configuration(PROBED_MEMBERS));
  daemon.hangUp();
  const probed = daemon.until("every member to be answered", (snapshot) => isWell(snapshot) && allAnswered(snapshot));
  await terminal.during("waiting for answers", probed);
}

function isWell({ groups }: DaemonSnapshot): boolean {
  return groups.every(({ state }) => state === "ok");
}

function allAnswered({ interfaces }: DaemonSnapshot): boolean {
  return interfaces.every(({ probes }) => probes.some(({ answered }) => answered >= ANSWERS_TO_SETTLE));
}
