/** Makes a group interface: of the first kind that this kernel has, dressed, and up. */
import { constants } from "node:os";
import type { KernelOutcome, KernelRequest } from "../core/kernel-state/kernel-objects.ts";
import { failure } from "./errors.ts";
import type { NativeEngine, NativeOutcome, NativeRequest } from "./native.ts";

const { EAFNOSUPPORT, EEXIST, EOPNOTSUPP } = constants.errno;

type CreateLink = Extract<KernelRequest, { op: "create-link" }>;
type Door = Pick<NativeEngine, "apply" | "findLink">;

/**
 * Repeating it is harmless: a link of that name with our alias is taken as made. One with another alias is a stranger's
 * and stays as it is (EEXIST). A link that could be made but not dressed is removed again.
 */
export function createLink(door: Door, request: CreateLink): KernelOutcome {
  const refusal = makeFirstKind(door, request);
  const made = refusal === null;
  if (!made && refusal.errno !== EEXIST) return failure(refusal.errno, refusal.text);
  const link = door.findLink(request.name);
  if (link === null) return failure(constants.errno.ENODEV, `link ${request.name} vanished while it was being made`);
  if (!made && link.alias !== request.alias) {
    return failure(EEXIST, `a link ${request.name} of kind "${link.kind}" is there already and is not ours`);
  }
  const dressed = dress(door, link.index, request.alias);
  if (dressed === null) return { ok: true };
  if (made) door.apply([{ op: "remove-link", index: link.index }]);
  return failure(dressed.errno, dressed.text);
}

function makeFirstKind(door: Door, { name, kinds }: CreateLink): NativeOutcome {
  let refusal: NativeOutcome = { errno: EOPNOTSUPP, text: `this kernel has none of: ${kinds.join(", ")}` };
  for (const kind of kinds) {
    const outcome = applyOne(door, { op: "create-link", name, kind });
    // An unknown kind is EOPNOTSUPP ("Unknown device type"); whatever else was said concerns the name.
    if (outcome?.errno !== EOPNOTSUPP) return outcome;
    refusal = outcome;
  }
  return refusal;
}

function dress(door: Door, index: number, alias: string): NativeOutcome {
  return (
    applyOne(door, { op: "dress-link", index, alias }) ??
    quiet(door, index) ??
    applyOne(door, { op: "set-link-up", index })
  );
}

/** Where there is no IPv6 there is nothing to be quiet about. */
function quiet(door: Door, index: number): NativeOutcome {
  const refusal = applyOne(door, { op: "quiet-link", index });
  return refusal?.errno === EAFNOSUPPORT ? null : refusal;
}

function applyOne(door: Door, request: NativeRequest): NativeOutcome {
  return door.apply([request])[0] ?? null;
}
