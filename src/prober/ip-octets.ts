/** Texts of addresses <-> the octets that travel in records. The texts are those of inet_ntop, as everywhere below the machine. */
import { isIP } from "node:net";
import type { Family } from "../core/configuration.ts";

const WORDS = 8;

/** 4 or 16 octets, or undefined where `text` is no address; a zone (`%eth0`) is none of the address. */
export function octetsOf(text: string): Uint8Array | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes("%")) return undefined;
  return family === 4 ? Uint8Array.from(text.split("."), Number) : octetsOf6(text);
}

function octetsOf6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const left = wordsOf(head);
  const right = tail === undefined ? [] : wordsOf(tail);
  const zeros = new Array<number>(WORDS - left.length - right.length).fill(0);
  return Uint8Array.from([...left, ...zeros, ...right].flatMap((word) => [word >> 8, word & 255]));
}

/** Of one side of `::`; a dotted end counts as two words. */
function wordsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** The canonical text of the address that begins at `offset`. */
export function textOf(family: Family, octets: Uint8Array, offset = 0): string {
  return family === 4 ? dotted(octets, offset) : textOf6(octets, offset);
}

function dotted(octets: Uint8Array, offset: number): string {
  return `${octets[offset]}.${octets[offset + 1]}.${octets[offset + 2]}.${octets[offset + 3]}`;
}

function textOf6(octets: Uint8Array, offset: number): string {
  const words = Array.from({ length: WORDS }, (_, word) => {
    return ((octets[offset + 2 * word] as number) << 8) | (octets[offset + 2 * word + 1] as number);
  });
  const { start, length } = longestZeros(words);
  if (holdsIpv4(words, start, length)) return `::${length === 5 ? "ffff:" : ""}${dotted(octets, offset + 12)}`;
  const texts = words.map((word) => word.toString(16));
  if (length < 2) return texts.join(":");
  return `${texts.slice(0, start).join(":")}::${texts.slice(start + length).join(":")}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** The two ranges whose end inet_ntop writes as an IPv4 address: ::/96 and ::ffff:0:0/96. */
function holdsIpv4(words: readonly number[], start: number, length: number): boolean {
  return start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
}
