import type { Reading } from "./reading.ts";

/** IFNAMSIZ without its closing NUL. */
const LONGEST_DEVICE_BYTES = 15;
/** As Solaris has it. */
const LONGEST_GROUP_BYTES = 31;

/** Names that are directories of /proc/sys/net/ipv4/conf beside those of the devices, or would climb out of it. */
const RESERVED = new Set(["all", "default", ".", ".."]);

/** What is wrong with `name` for any purpose: what the kernel refuses, and `%`, which it would replace by a number. */
function flawIn(name: string): string | undefined {
  if (name === "") return "a name of at least one character";
  if (RESERVED.has(name)) return `another name (the system uses \`${name}\` itself)`;
  if (/[\s/:%\p{C}]/u.test(name)) return "a name without blanks, `/`, `:`, `%` and control characters";
  return undefined;
}

/** The name of a network device: 1 to 15 bytes. */
export function readDeviceName(name: string): Reading<string> {
  const flaw = flawIn(name);
  if (flaw !== undefined) return { wanted: flaw };
  if (Buffer.byteLength(name) > LONGEST_DEVICE_BYTES) {
    return { wanted: `at most ${LONGEST_DEVICE_BYTES} bytes (the kernel's limit for interface names)` };
  }
  return { value: name };
}

/** A device that can be a member of a group. */
export function readMemberName(name: string): Reading<string> {
  return name === "lo" ? { wanted: "a network card (the loopback interface never fails)" } : readDeviceName(name);
}

/** The name of a group; one with an interface of its own is held to the rules of devices besides. */
export function readGroupName(name: string): Reading<string> {
  const flaw = flawIn(name);
  if (flaw !== undefined) return { wanted: flaw };
  if (Buffer.byteLength(name) > LONGEST_GROUP_BYTES) return { wanted: `at most ${LONGEST_GROUP_BYTES} bytes` };
  return { value: name };
}
