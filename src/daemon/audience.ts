import type { EventEmitter } from "node:events";

/** Tells `changed` whenever the first listener to the event `name` comes (true), or the last one goes (false). */
export function followAudience(emitter: EventEmitter, name: string, changed: (anybody: boolean) => void): void {
  let anybody = false;
  const follow = (now: boolean) => {
    if (now === anybody) return;
    anybody = now;
    changed(now);
  };
  // Node tells of a new listener before it counts, and of one that is taken away when it counts no more.
  emitter.on("newListener", (event) => event === name && follow(true));
  emitter.on("removeListener", (event) => event === name && follow(emitter.listenerCount(name) > 0));
}
