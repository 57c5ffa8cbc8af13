/** Host names for addresses, without letting a slow or absent name service hold anybody up. */
import { Resolver } from "node:dns/promises";
import { hostsFile } from "./hosts-file.ts";

/** A status tool that is asked during an outage must answer during the outage. */
const PATIENCE_MS = 1000;
const ATTEMPT_TIMEOUT_MS = 500;

/** What is needed of node:dns. Its resolver, unlike getnameinfo, can be cancelled. */
export interface ReverseResolver {
  reverse(address: string): Promise<string[]>;
  cancel(): void;
}

export interface NameSources {
  /** Names by address, as the administrator of this host has written them; they win. Never throws. */
  readonly own?: () => ReadonlyMap<string, string>;
  readonly resolver?: ReverseResolver;
  readonly patienceMs?: number;
}

/**
 * Names without their domain part, by address, as `getent hosts` finds them: in /etc/hosts first, then by DNS. Addresses without a name, or whose
 * name does not come within `patienceMs` for all together, are missing. Never throws.
 */
export async function hostNames(
  addresses: readonly string[],
  {
    own = hostsFile,
    resolver = new Resolver({ timeout: ATTEMPT_TIMEOUT_MS, tries: 1 }),
    patienceMs = PATIENCE_MS,
  }: NameSources = {},
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const known = own();
  let giveUp: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    giveUp = setTimeout(resolve, patienceMs);
  });
  const lookups = [...new Set(addresses)].map(async (address) => {
    // The resolver reads /etc/hosts as well, but has the aliases of a line only, not its name.
    const name = hostPart(known.get(address) ?? (await nameByDns(address, resolver)));
    if (name !== undefined) names.set(address, name);
  });
  await Promise.race([Promise.all(lookups), deadline]);
  clearTimeout(giveUp);
  resolver.cancel();
  return new Map(names);
}

async function nameByDns(address: string, resolver: ReverseResolver): Promise<string | undefined> {
  try {
    const [name] = await resolver.reverse(address);
    return name;
  } catch {
    return undefined;
  }
}

/** Whoever owns the reverse zone chooses this text; nothing but a host name may reach a terminal or a script. */
function hostPart(name: string | undefined): string | undefined {
  const host = name?.split(".", 1)[0];
  return host !== undefined && /^[A-Za-z0-9_-]+$/.test(host) ? host : undefined;
}
