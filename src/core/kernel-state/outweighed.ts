/**
 * Settings of ours that are not in force: for some the kernel takes the larger one of a link's own value and of that of `all`, which
 * is not ours to change, since it holds for links that are none of our business. What we can not cure we tell.
 */
import { familiesOf, type Group } from "../group.ts";
import type { Message } from "../messages.ts";
import type { Picture } from "./picture.ts";
import { ALL_LINKS, MEMBER_SETTINGS, OUTWEIGHED_BY_ALL, type Setting, withoutOwnIpv4 } from "./settings.ts";

/** Says of each when it is first seen, and when it is over. */
export function findOutweighed(group: Group, picture: Picture, log: (message: Message) => void): void {
  const { name } = group.configuration;
  const found = new Set<string>();
  for (const { key, value: needed } of neededSettings(group)) {
    const value = picture.settings.get(`${ALL_LINKS}/${key}`) ?? needed;
    if (Number(value) > Number(needed)) {
      found.add(key);
      if (!group.outweighed.has(key)) log({ id: "setting-outweighed", group: name, key, value, needed });
    } else if (group.outweighed.has(key)) {
      log({ id: "setting-in-force", group: name, key, needed });
    }
  }
  group.outweighed = found;
}

/** The lowest value that any member of the group needs at any time. */
function neededSettings(group: Group): readonly Setting[] {
  if (group.anonymous || !familiesOf(group).includes(4)) return [];
  const { members } = group.configuration;
  const mayBorrow =
    members.length > 1 && members.some(({ testAddresses }) => testAddresses.every(({ family }) => family !== 4));
  const needed = mayBorrow ? MEMBER_SETTINGS.map(withoutOwnIpv4) : MEMBER_SETTINGS;
  return needed.filter(({ key }) => OUTWEIGHED_BY_ALL.includes(key));
}
