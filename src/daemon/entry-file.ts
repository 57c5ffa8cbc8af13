/** The file next to this one that a thread runs: the same as source and as build product. */
export function entryFile(name: string): URL {
  return new URL(import.meta.url.endsWith(".ts") ? `./${name}.ts` : `./${name}.js`, import.meta.url);
}
