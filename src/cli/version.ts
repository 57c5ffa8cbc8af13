import { readFileSync } from "node:fs";

/** Version of the package, the same from the sources and from the build. */
export function version(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}
