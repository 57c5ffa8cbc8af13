/** What became of a text: its value, or what would have been right in its place. */
export type Reading<Value> = { readonly value: Value } | { readonly wanted: string };

/** The value of a reading that may have failed; for callers that leave the complaint to somebody else. */
export function valueIn<Value>(reading: Reading<Value>): Value | undefined {
  return "value" in reading ? reading.value : undefined;
}
