/** What the audience sees: headings, text, and a line that moves while we wait (on a terminal only). */

const STEADY = { bold: "", dim: "", good: "", bad: "", plain: "" };
const COLOURED: typeof STEADY = {
  bold: "\x1b[1m",
  dim: "\x1b[2m",
  good: "\x1b[32m",
  bad: "\x1b[31m",
  plain: "\x1b[0m",
};
const CLEAR_LINE = "\r\x1b[K";
const TICK_MS = 100;

export class Terminal {
  readonly #live = process.stdout.isTTY === true;
  readonly #style = this.#live && process.env.NO_COLOR === undefined ? COLOURED : STEADY;

  line(text = ""): void {
    process.stdout.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(`\n${this.#style.bold}${text}${this.#style.plain}`);
  }

  /** Lines of a block, set in from the edge. */
  block(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.line(line === "" ? "" : `  ${line}`);
  }

  remark(text: string): void {
    this.line(`${this.#style.dim}${text}${this.#style.plain}`);
  }

  verdict(good: boolean, text: string): void {
    this.line(`\n${good ? this.#style.good : this.#style.bad}${text}${this.#style.plain}`);
  }

  /** Shows what is waited for, and for how long already, until `work` is done. */
  async during<Result>(what: string, work: Promise<Result>): Promise<Result> {
    if (!this.#live) return work;
    const start = performance.now();
    const show = () => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      process.stdout.write(`${CLEAR_LINE}${this.#style.dim}  ${what} ... ${seconds} s${this.#style.plain}`);
    };
    const ticker = setInterval(show, TICK_MS);
    try {
      return await work;
    } finally {
      clearInterval(ticker);
      process.stdout.write(CLEAR_LINE);
    }
  }
}
