/** Where daemon and tools meet. */
import { join } from "node:path";

export const DEFAULT_RUNTIME_DIRECTORY = "/run/ipmp";

/** The directory named by IPMP_RUNTIME_DIR, or the default. Empty counts as not set. */
export function defaultRuntimeDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.IPMP_RUNTIME_DIR || DEFAULT_RUNTIME_DIRECTORY;
}

/** `control` is for root and the group ipmp, `status` for everybody. */
export function socketPaths(runtimeDir: string): { readonly control: string; readonly status: string } {
  return { control: join(runtimeDir, "control.sock"), status: join(runtimeDir, "status.sock") };
}
