/** Takes server-sent events apart. */

/** Yields the data of each event. Throws RangeError when one is longer than `longest` characters. */
export async function* eventData(chunks: AsyncIterable<string>, longest: number): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const data = dataOf(part);
      if (data !== "") yield data;
    }
    if (rest.length > longest) throw new RangeError(`An event is longer than ${longest} characters`);
  }
}

function dataOf(event: string): string {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice("data:".length).trimStart()).join("\n");
}
