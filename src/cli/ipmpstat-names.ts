/** Which host names ipmpstat looks for, and what stands for an address until there is one. */
import type { Snapshot } from "../core/snapshot.ts";
import type { Order } from "./ipmpstat-options.ts";
import { addressesShown, type NameOf } from "./ipmpstat-rows.ts";

/** Names of those addresses that have one. Never rejects. */
export type HostNames = (addresses: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const HOLDING_ADDRESSES: ReadonlySet<string> = new Set(["ADDRESS", "TESTADDR", "TARGETS", "TARGET"]);

const AS_IT_IS: NameOf = (address) => address;

/**
 * Names for all addresses of the picture that will be shown. Whatever else is shown later has its address until its name is
 * found: no row waits for a name.
 */
export async function namesFor(order: Order, snapshot: Snapshot, hostNames: HostNames): Promise<NameOf> {
  if (order.numeric || !order.columns.some(({ name }) => HOLDING_ADDRESSES.has(name))) return AS_IT_IS;
  const asked = new Set(addressesShown(snapshot, order.mode));
  const names = new Map(asked.size === 0 ? [] : await hostNames([...asked]));
  return (address) => {
    if (!asked.has(address)) {
      asked.add(address);
      void hostNames([address]).then((found) => {
        for (const [key, name] of found) names.set(key, name);
      });
    }
    return names.get(address) ?? address;
  };
}
