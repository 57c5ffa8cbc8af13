/** What an error of the kernel means, in words. */
import { getSystemErrorMap } from "node:util";

const TEXTS = new Map([...getSystemErrorMap()].map(([code, [, text]]) => [-code, text]));

/** "network is down" for ENETDOWN; the number where there are no words. */
export function errnoText(errno: number): string {
  return TEXTS.get(errno) ?? `system error ${errno}`;
}
