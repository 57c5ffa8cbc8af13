/** One thing that can go wrong. */
import { NIC_NAMES } from "./configurations.ts";
import type { World } from "./world.ts";

export interface Fault {
  /** How often it happens, compared with the others. */
  readonly weight: number;
  readonly name: string;
  /** A fault that makes no sense at the moment does nothing. */
  readonly happen: (world: World) => void;
}

/** Something happens to one of the NICs that are there; it may fail for that, a little later. */
export function onNic(world: World, act: (name: string) => void): void {
  const name = world.random.pick(NIC_NAMES);
  if (name === undefined || world.kernel.link(name) === undefined) return;
  world.note(() => name);
  world.truth.touch(name);
  act(name);
}
