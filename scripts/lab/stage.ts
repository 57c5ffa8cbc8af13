/** The stage of both scenes: a laboratory with the daemon at work in its host. */
import { allCarried, LabDaemon } from "../../test/support/daemon.ts";
import { ADDRESSES, Laboratory, wireRefusal } from "../../test/support/laboratory.ts";
import type { Terminal } from "./terminal.ts";

/** Data addresses of the group. */
export const DATA = { 4: "192.0.2.10", 6: "2001:db8::10", second: "192.0.2.11" } as const;

export const CONFIGURATION = `groups:
  ipmp0:
    interfaces:
      eth0:
      eth1:
      eth2: { standby: true }
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

/** Sets the stage and waits until every data address has its place. */
export async function setStage(terminal: Terminal): Promise<Stage> {
  const wire = wireRefusal("tap") === undefined ? "tap" : "veth";
  const laboratory = await terminal.during("making the laboratory", Laboratory.create({ nics: 3, wire }));
  const daemon = await terminal.during("starting ipmpd", LabDaemon.start(laboratory, CONFIGURATION));
  const placed = daemon.until(
    "all data addresses to be carried by working members",
    (snapshot) => allCarried(snapshot) && snapshot.groups.every((group) => group.state === "ok"),
  );
  await terminal.during("waiting for the placement", placed);
  return { laboratory, daemon };
}
