/** Members that are configured and not there when a configuration comes in. A later removal has a line of its own. */
import { type Group, nameOf } from "../group.ts";
import type { Message } from "../messages.ts";
import { isAbsent } from "./interface-state.ts";

/** Says who is missing, and who has the data addresses that prefer it. To be asked once these are placed. */
export function reportMissing(group: Group, log: (message: Message) => void): void {
  const { name, groupInterface, addresses } = group.configuration;
  for (const member of group.members.filter(({ state }) => isAbsent(state))) {
    const names = { interface: nameOf(member), group: name };
    log({ id: "interface-missing", ...names });
    member.absenceTold = true;
    for (const family of [4, 6] as const) {
      const own = addresses.find((one) => one.family === family && one.prefer === nameOf(member));
      if (own === undefined) continue;
      const to = groupInterface ? name : (group.hosting.get(own.address) ?? "");
      log({ id: "addresses-of-missing", ...names, family, to, groupInterface });
    }
  }
}
