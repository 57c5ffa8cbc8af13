/** `ipmpd --release`: everything of ours goes from this network namespace, and whoever asked for it hears what went. */
import { type ReleasePlan, releasePlan } from "../core/kernel-state/release.ts";
import { lookAtKernel } from "../kernel/look.ts";
import { requireFeatures } from "./features.ts";
import { Ipmp } from "./ipmp.ts";
import { stateFiles } from "./state-directory.ts";

/**
 * What a release would take, in lines; nothing is touched, and no directory is made.
 * @throws {DaemonError} MISSING_FEATURE; {KernelError}
 */
export function wouldRelease(stateDir: string): string[] {
  return told(plan(stateDir), { taken: "would take away", putBack: "would put back", left: "would leave up" });
}

/**
 * Takes it, and tells `say` what was taken, also where the kernel keeps some of it. The machine with nothing configured wants nothing of ours in the
 * kernel, and sees to it.
 * @throws {DaemonError} MISSING_FEATURE, NOT_RELEASED; {KernelError}
 */
export async function releaseAll(
  stateDir: string,
  say: (lines: readonly string[]) => void,
  failed: (text: string) => void,
): Promise<void> {
  const found = plan(stateDir);
  const ipmp = await Ipmp.start({ trackUngrouped: false, groups: [] }, { stateDir, failed });
  try {
    await ipmp.stop({ release: true });
  } finally {
    say(told(without(found, plan(stateDir)), { taken: "taken away", putBack: "put back", left: "left up" }));
  }
}

function without({ taken, putBack, leftUp }: ReleasePlan, rest: ReleasePlan): ReleasePlan {
  return {
    taken: taken.filter((text) => !rest.taken.includes(text)),
    putBack: putBack.filter((text) => !rest.putBack.includes(text)),
    leftUp,
  };
}

function plan(stateDir: string): ReleasePlan {
  requireFeatures();
  const { settings: path, origin } = stateFiles(stateDir, undefined);
  return releasePlan(lookAtKernel({ path, origin }));
}

interface Verbs {
  readonly taken: string;
  readonly putBack: string;
  readonly left: string;
}

function told({ taken, putBack, leftUp }: ReleasePlan, verbs: Verbs): string[] {
  if (taken.length === 0 && putBack.length === 0) return ["Nothing of ours is in this network namespace."];
  return [
    ...taken.map((text) => `${verbs.taken}: ${text}`),
    ...putBack.map((text) => `${verbs.putBack}: ${text}`),
    ...leftUp.map((name) => `${verbs.left}: ${name}, with the addresses and routes of others`),
  ];
}
