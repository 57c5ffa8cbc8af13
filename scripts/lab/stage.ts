/** The stage of both scenes: a laboratory with the daemon at work in its host. */
import type { DaemonSnapshot } from "../../src/control/client.ts";
import { allCarried, LabDaemon } from "../../test/support/daemon.ts";
import { ADDRESSES, Laboratory, wireRefusal } from "../../test/support/laboratory.ts";
import type { Terminal } from "./terminal.ts";

/** Data addresses of the group. */
export const DATA = { 4: "192.0.2.10", 6: "2001:db8::10", second: "192.0.2.11" } as const;

/** Within it probes find a dead path behind a good link. */
export const DETECTION_TIME_MS = 100;

export const CONFIGURATION = `groups:
  ipmp0:
    failure-detection-time: ${DETECTION_TIME_MS}ms
    interfaces:
      eth0: { test-address: 192.0.2.20/24 }
      eth1: { test-address: 192.0.2.21/24 }
      eth2: { test-address: 192.0.2.22/24, standby: true }
    addresses:
      - ${DATA[4]}/24
      - ${DATA.second}/24
      - ${DATA[6]}/64
    routes:
      - { to: default, via: ${ADDRESSES.router[4]} }
      - { to: default, via: ${ADDRESSES.router[6]} }
`;

export interface Stage {
  readonly laboratory: Laboratory;
  readonly daemon: LabDaemon;
}

/** Sets the stage and waits until every data address has its place, and every member has been answered. */
export async function setStage(terminal: Terminal): Promise<Stage> {
  const wire = wireRefusal("tap") === undefined ? "tap" : "veth";
  const laboratory = await terminal.during("making the laboratory", Laboratory.create({ nics: 3, wire }));
  const daemon = await terminal.during("starting ipmpd", LabDaemon.start(laboratory, CONFIGURATION));
  const placed = daemon.until(
    "all data addresses to be carried by working members",
    (snapshot) => allCarried(snapshot) && snapshot.groups.every(({ state }) => state === "ok") && allAnswered(snapshot),
  );
  await terminal.during("waiting for the placement", placed);
  return { laboratory, daemon };
}

function allAnswered({ interfaces }: DaemonSnapshot): boolean {
  return interfaces.every(({ probes }) => probes.some(({ answered }) => answered > 0));
}
