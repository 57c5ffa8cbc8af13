/** /etc/hosts from address to name: the first name of the first line of each address, as `getent hosts` has it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { isIP, SocketAddress } from "node:net";

const HOSTS_FILE = "/etc/hosts";

/** Lists that block advertisements have some megabytes. */
const LONGEST_BYTES = 16 * 1024 * 1024;

/** Names by canonical address. A file that is not there, or is none, has no names. */
export function hostsFile(path = HOSTS_FILE): ReadonlyMap<string, string> {
  return namesIn(readBounded(path));
}

function readBounded(path: string): string {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a named pipe would hold us up for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    return status.isFile() && status.size <= LONGEST_BYTES ? readFileSync(descriptor, "utf8") : "";
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function namesIn(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [word = "", name] = line.replace(/#.*/, "").trim().split(/\s+/);
    const address = canonical(word);
    if (address !== undefined && name !== undefined && !names.has(address)) names.set(address, name);
  }
  return names;
}

/** In the one form that the daemon writes. */
function canonical(word: string): string | undefined {
  const family = word.includes("%") ? 0 : isIP(word);
  if (family !== 6) return family === 4 ? word : undefined;
  return new SocketAddress({ address: word, family: "ipv6" }).address;
}
