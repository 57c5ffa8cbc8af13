/** Both sockets of the local API served in this thread: what one door does is the same in whatever thread. */
import type { EventEmitter } from "node:events";
import { Door, type StreamCounts } from "../../../src/control/door.ts";
import type { ControlEvent } from "../../../src/control/events.ts";
import { type ControlLimits, STATUS_LIMITS } from "../../../src/control/limits.ts";
import type { ControlSource } from "../../../src/control/routes.ts";
import { socketPaths } from "../../../src/control/runtime-directory.ts";
import { makeRuntimeDirectory } from "../../../src/control/socket-file.ts";

export interface DoorsOptions {
  readonly runtimeDir: string;
  readonly source: ControlSource;
  readonly events?: EventEmitter;
  readonly limits?: Partial<ControlLimits>;
  readonly peerUser?: (descriptor: number) => number;
}

export class Doors {
  readonly #options: DoorsOptions;
  readonly #open: Door[] = [];
  readonly #listener = (event: ControlEvent) => this.publish(event);

  private constructor(options: DoorsOptions) {
    this.#options = options;
  }

  static async start(options: DoorsOptions): Promise<Doors> {
    const doors = new Doors(options);
    makeRuntimeDirectory(options.runtimeDir);
    const paths = socketPaths(options.runtimeDir);
    try {
      await doors.#add(paths.control, 0o660, true);
      await doors.#add(paths.status, 0o666, false);
    } catch (error) {
      await doors.close();
      throw error;
    }
    options.events?.on("event", doors.#listener);
    return doors;
  }

  publish(event: ControlEvent): void {
    for (const door of this.#open) door.publish(event);
  }

  get streams(): StreamCounts {
    const all = this.#open.map(({ streams }) => streams);
    const sum = (of: (counts: StreamCounts) => number) => all.reduce((total, counts) => total + of(counts), 0);
    return { open: sum(({ open }) => open), dropped: sum(({ dropped }) => dropped) };
  }

  async close(): Promise<void> {
    this.#options.events?.off("event", this.#listener);
    await Promise.all(this.#open.splice(0).map((door) => door.close()));
  }

  async #add(path: string, mode: number, mayChange: boolean): Promise<void> {
    const { source, limits, peerUser = () => 0 } = this.#options;
    let unfollow = () => {};
    const door = await Door.open({
      path,
      access: { mode },
      mayChange,
      source,
      limits: { ...STATUS_LIMITS, ...limits },
      peerUser,
      audience: (kind, anybody) => {
        if (kind !== "probes") return;
        unfollow();
        unfollow = anybody ? source.followProbes((event) => door.publish(event)) : () => {};
      },
    });
    this.#open.push(door);
  }
}
