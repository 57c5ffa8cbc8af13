/** Host names for addresses, without letting a slow or absent name service hold anybody up. */
import { Resolver } from "node:dns/promises";

/** A status tool that is asked during an outage must answer during the outage. */
const PATIENCE_MS = 1000;
const ATTEMPT_TIMEOUT_MS = 500;

/** What is needed of node:dns. Its resolver, unlike getnameinfo, can be cancelled; it reads /etc/hosts, too. */
export interface ReverseResolver {
  reverse(address: string): Promise<string[]>;
  cancel(): void;
}

/**
 * Names without their domain part, by address. Addresses without a name, or whose name does not come within
 * `patienceMs` for all together, are missing. Never throws.
 */
export async function hostNames(
  addresses: readonly string[],
  resolver: ReverseResolver = new Resolver({ timeout: ATTEMPT_TIMEOUT_MS, tries: 1 }),
  patienceMs: number = PATIENCE_MS,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  let giveUp: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    giveUp = setTimeout(resolve, patienceMs);
  });
  const lookups = [...new Set(addresses)].map(async (address) => {
    const name = await nameOf(address, resolver);
    if (name !== undefined) names.set(address, name);
  });
  await Promise.race([Promise.all(lookups), deadline]);
  clearTimeout(giveUp);
  resolver.cancel();
  return new Map(names);
}

async function nameOf(address: string, resolver: ReverseResolver): Promise<string | undefined> {
  try {
    const [name] = await resolver.reverse(address);
    const host = name?.split(".", 1)[0];
    // Whoever owns the reverse zone chooses this text; nothing but a host name may reach a terminal or a script.
    return host !== undefined && /^[A-Za-z0-9_-]+$/.test(host) ? host : undefined;
  } catch {
    return undefined;
  }
}
