/** Refusals that have a cause in common: people are told of that once, whatever it keeps us from. */
import type { KernelRequest } from "./kernel-objects.ts";

type SettingRequest = Extract<KernelRequest, { op: "set-setting" }>;
type RouteRequest = Extract<KernelRequest, { op: "set-route" }>;

/** What a /proc/sys that is mounted read-only brings (containers), and one that belongs to another user namespace. */
const UNWRITABLE = /^(EROFS|EACCES|EPERM)\b/;

/** No setting at all can be written. `words`: the code of the refusal, and perhaps more. */
export function isUnwritable(request: KernelRequest, words: string): request is SettingRequest {
  return request.op === "set-setting" && UNWRITABLE.test(words);
}

/** A route that is not ours has its place. */
export function isRouteInTheWay(request: KernelRequest, words: string): request is RouteRequest {
  return request.op === "set-route" && /^EEXIST\b/.test(words);
}

/** As sysctl(8) names it: dots in the name of a link are slashes there. */
export function sysctlName({ link, key }: Pick<SettingRequest, "link" | "key">): string {
  return `net.${link === "" ? key : key.replace(".", `.conf.${link.replaceAll(".", "/")}.`)}`;
}
