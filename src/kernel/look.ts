/** One look at the kernel, which changes nothing: not in the kernel, and not on the disk. */
import type { KernelPicture } from "../core/kernel-state/kernel-objects.ts";
import { withKernelErrors } from "./errors.ts";
import { native } from "./native.ts";
import { keptSettings, type SettingsPlace } from "./settings.ts";

/** Nobody waits for notices here. */
const ROOM_BYTES = 64 * 1024;

/**
 * All that concerns us in the network namespace of the process. `kept`: where a daemon keeps old values of settings, if it does.
 * @throws {KernelError} where the addon is missing, or a privilege is
 */
export function lookAtKernel(kept: SettingsPlace): KernelPicture {
  return withKernelErrors(() => {
    const { KernelEngine } = native();
    const options = { netns: "", realtime: false, ringBytes: ROOM_BYTES, receiveBufferBytes: ROOM_BYTES };
    const engine = new KernelEngine(options, () => undefined);
    try {
      return { ...engine.dump([]), otherRoutes: [], settings: {}, kept: keptSettings(kept) };
    } finally {
      engine.close();
    }
  });
}
