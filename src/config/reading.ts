/** What became of a text: its value, or what would have been right in its place. */
export type Reading<Value> = { readonly value: Value } | { readonly wanted: string };
