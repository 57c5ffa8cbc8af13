/** YAML text -> plain values with the place of each, or complaints. Only the plain part of YAML is taken. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseDocument } from "yaml";
import { type LineIndex, type Path, Places } from "./places.ts";
import { type Complaint, MOST_PROBLEMS, shown } from "./problem.ts";
import { boundsBroken } from "./shape-bounds.ts";

export interface PlainDocument {
  /** Strings, numbers, booleans, null, arrays and objects; undefined where the text holds no value at all. */
  readonly value: unknown;
  readonly places: Places;
  readonly complaints: readonly Complaint[];
}

/** Deeper than anything a configuration holds; what is deeper is not looked at. */
const DEEPEST = 10;

const PLAIN_YAML = {
  version: "1.2",
  schema: "core",
  strict: true,
  // Found while converting, with the place of the first one.
  uniqueKeys: false,
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: "error",
} as const;

/** Reads one YAML document. Never throws. */
export function readDocument(text: string, lines: LineIndex): PlainDocument {
  const hostile = unprintableIn(text) ?? boundsBroken(text);
  if (hostile !== undefined) return { value: undefined, places: new Places(), complaints: [hostile] };
  const document = parseDocument(text, PLAIN_YAML);
  const unreadable = syntaxComplaints(document);
  if (unreadable.length > 0) return { value: undefined, places: new Places(), complaints: unreadable };
  return new Converter(lines).convert(document);
}

/** YAML allows no control characters; editors hide them, so each is named. */
function unprintableIn(text: string): Complaint | undefined {
  const found = /[^\P{C}\t\r\n\p{Cf}\p{Co}\p{Cn}]/u.exec(text);
  if (found === null) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { offset: found.index, text: `found the control character U+${code}, wanted plain text` };
}

function syntaxComplaints(document: Document.Parsed): Complaint[] {
  const complaints = document.errors.slice(0, MOST_PROBLEMS + 1).map(({ pos, message, code }) => ({
    offset: pos[0],
    text:
      code === "MULTIPLE_DOCS" ? "found a second document, wanted one per file" : `not YAML: ${shownMessage(message)}`,
  }));
  if (document.directives.yaml.explicit) {
    complaints.push({ offset: 0, text: "found a %YAML directive, wanted none: files are read as YAML 1.2" });
  }
  return complaints;
}

function shownMessage(message: string): string {
  return message.replace(/\s+/g, " ").slice(0, 200);
}

class Converter {
  readonly #lines: LineIndex;
  readonly #places = new Places();
  readonly #complaints: Complaint[] = [];

  constructor(lines: LineIndex) {
    this.#lines = lines;
  }

  convert(document: Document.Parsed): PlainDocument {
    const value = document.contents === null ? undefined : this.#value(document.contents, [], 0);
    return { value, places: this.#places, complaints: this.#complaints };
  }

  /** `keyOffset`: where the key stands that leads here; a value that is not there is complained about at its key. */
  #value(node: unknown, path: Path, keyOffset: number | undefined): unknown {
    const range = (node as { range?: readonly number[] | null } | null)?.range ?? undefined;
    const valueOffset = range?.[0] ?? keyOffset ?? 0;
    const absent = node === null || (isScalar(node) && node.value === null && (range?.[0] ?? 0) === (range?.[1] ?? 0));
    this.#places.add(path, {
      keyOffset: keyOffset ?? valueOffset,
      valueOffset: absent ? (keyOffset ?? valueOffset) : valueOffset,
      source: absent ? "nothing" : this.#sourceOf(node),
    });
    this.#refuseDecoration(node, valueOffset);
    if (path.length > DEEPEST && !isScalar(node)) {
      this.#complain(valueOffset, `found values nested over ${DEEPEST} deep, wanted fewer`);
      return null;
    }
    if (isMap(node)) return this.#mapping(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index], undefined));
    return isScalar(node) ? node.value : null;
  }

  #mapping(pairs: readonly Pair[], path: Path): unknown {
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const pair of pairs) {
      const key = this.#key(pair);
      if (key === undefined) continue;
      if (seen.has(key.name)) {
        this.#refuseDuplicate(key, [...path, key.name]);
        continue;
      }
      seen.add(key.name);
      result[key.name] = this.#value(pair.value, [...path, key.name], key.offset);
    }
    return result;
  }

  /** Names are taken as they are written: 0x10 is a name, not sixteen. */
  #key({ key }: Pair): { name: string; offset: number } | undefined {
    const offset = (key as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
    if (!isScalar(key)) {
      this.#complain(offset, "found a key that is a list, a mapping or an alias, wanted a name");
      return undefined;
    }
    this.#refuseDecoration(key, offset);
    const name = typeof key.value === "string" ? key.value : (key.source ?? "");
    if (name === "<<") this.#complain(offset, "found a merge key `<<`, wanted the values written out");
    else if (name === "__proto__") this.#complain(offset, "found the key `__proto__`, wanted another name");
    else return { name, offset };
    return undefined;
  }

  #refuseDuplicate(key: { name: string; offset: number }, path: Path): void {
    const { line } = this.#lines.position(this.#places.key(path));
    this.#complain(key.offset, `duplicate key \`${shown(key.name)}\`; the first one is on line ${line}`);
  }

  #refuseDecoration(node: unknown, offset: number): void {
    if (isAlias(node)) this.#complain(offset, `found the alias \`*${shown(node.source)}\`, wanted the value itself`);
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
    if (anchor !== undefined) this.#complain(offset, `found the anchor \`&${shown(anchor)}\`, wanted the bare value`);
    if (tag !== undefined) this.#complain(offset, `found the tag \`${shown(tag)}\`, wanted the bare value`);
  }

  #sourceOf(node: unknown): string {
    if (isMap(node)) return "a mapping";
    if (isSeq(node)) return "a list";
    if (!isScalar(node)) return "nothing";
    return node.value === "" ? "an empty text" : `\`${shown(String(node.source ?? node.value))}\``;
  }

  #complain(offset: number, text: string): void {
    if (this.#complaints.length <= MOST_PROBLEMS) this.#complaints.push({ offset, text });
  }
}
