/** Keys that are checked, and that do nothing yet. */
import type { PlainDocument } from "../document.ts";
import type { Path } from "../places.ts";
import { type Fields, fieldsOf } from "../spot.ts";
import { type Findings, quoted } from "./findings.ts";

const TRANSITIVE = "transitive-probing";
const PROBING_SETTINGS = ["failure-detection-time", "failure-detection-time-limit", "fail-on"];
const PROBING_OF_GROUP = [...PROBING_SETTINGS, "targets"];
const PROBING_OF_MEMBER = ["test-address"];

export function warnAboutKeysWithoutEffect(document: PlainDocument, findings: Findings): void {
  warnAboutProbing(document, findings);
  warnAboutTransitiveProbing(document, findings);
}

/**
 * Who asks for probes relies on them, and must not learn from a dead path that there are none. Said once, at the first of them:
 * a line for every member would bury the other warnings.
 */
function warnAboutProbing({ value, places }: PlainDocument, findings: Findings): void {
  const keys = [...mappingsOf(value)].flatMap(({ path, fields, probing }) =>
    probing.filter((key) => fields[key] !== undefined).map((key) => ({ key, offset: places.key([...path, key]) })),
  );
  keys.sort((left, right) => left.offset - right.offset);
  const [first] = keys;
  if (first === undefined) return;
  const names = [...new Set(keys.map(({ key }) => key))].map(quoted).join(", ");
  const what = `this version sends no probes: links alone tell of failures, whatever ${names} may say`;
  findings.warning(first.offset, what);
}

interface Mapping {
  readonly path: Path;
  readonly fields: Fields;
  /** Keys of such a mapping that are about probes. */
  readonly probing: readonly string[];
}

function* mappingsOf(root: unknown): Generator<Mapping> {
  const file = fieldsOf(root);
  yield { path: [], fields: file, probing: PROBING_SETTINGS };
  for (const [name, group] of Object.entries(fieldsOf(file.groups))) {
    const path = ["groups", name];
    yield { path, fields: fieldsOf(group), probing: PROBING_OF_GROUP };
    for (const [member, options] of Object.entries(fieldsOf(fieldsOf(group).interfaces))) {
      yield { path: [...path, "interfaces", member], fields: fieldsOf(options), probing: PROBING_OF_MEMBER };
    }
  }
}

/** Silence would let people believe that members without a test address are probed. */
function warnAboutTransitiveProbing({ value, places }: PlainDocument, findings: Findings): void {
  const file = fieldsOf(value);
  const groups = Object.entries(fieldsOf(file.groups)).map(([name, group]) => [["groups", name], group] as const);
  for (const [path, mapping] of [[[], file] as const, ...groups]) {
    // False says what is the case.
    if (fieldsOf(mapping)[TRANSITIVE] !== true) continue;
    const reason = "this version sends no probes";
    findings.warning(places.key([...path, TRANSITIVE]), `\`${TRANSITIVE}\` has no effect yet: ${reason}`);
  }
}
