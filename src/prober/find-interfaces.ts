/** Names of interfaces -> their indexes, as the kernel has them in a network namespace at this moment. */
import { withKernelErrors } from "../kernel/errors.ts";
import { native } from "../kernel/native.ts";

/** Those that are missing in the answer do not exist. */
export type FindInterfaces = (names: ReadonlySet<string>) => ReadonlyMap<string, number>;

/** The engine is here for questions only, and hears no notices. */
const SMALLEST_BYTES = 4096;

/**
 * Asks over rtnetlink: /sys/class/net shows the namespace that it was mounted for, which need not be ours.
 * @param netns path of a network namespace, "" for the caller's
 * @throws KernelError
 */
export function interfaceFinder(netns: string): FindInterfaces {
  return (names) => (names.size === 0 ? new Map() : withKernelErrors(() => find(netns, names)));
}

function find(netns: string, names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const { KernelEngine } = native();
  const options = { netns, realtime: false, ringBytes: SMALLEST_BYTES, receiveBufferBytes: SMALLEST_BYTES };
  const engine = new KernelEngine(options, () => {});
  try {
    const links = [...names].map((name) => [name, engine.findLink(name)?.index] as const);
    return new Map(links.filter((link): link is readonly [string, number] => link[1] !== undefined));
  } finally {
    engine.close();
  }
}
