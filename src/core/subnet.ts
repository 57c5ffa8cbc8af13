/** Is an address in a subnet? The little address arithmetic that the machine needs for what it learns at run time. */
import type { AddressPrefix } from "./configuration.ts";

type Prefix = Pick<AddressPrefix, "family" | "address" | "prefixLength">;

/** Of canonical texts. Addresses of the other family are in no subnet of this one. */
export function contains({ family, address, prefixLength }: Prefix, other: string): boolean {
  if (family !== (other.includes(":") ? 6 : 4)) return false;
  const wordBits = family === 4 ? 8 : 16;
  const wordsOf = family === 4 ? octets : words;
  const theirs = wordsOf(other);
  return wordsOf(address).every((word, at) => {
    const free = 2 ** Math.min(wordBits, Math.max(0, wordBits * (at + 1) - prefixLength));
    return Math.floor(word / free) === Math.floor((theirs[at] as number) / free);
  });
}

export function isLinkLocal6(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

function octets(address: string): number[] {
  return address.split(".").map(Number);
}

/** The eight words, `::` filled up; the dotted end of a mapped address counts as two. */
function words(address: string): number[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((word) => Number.parseInt(word, 16));
}
