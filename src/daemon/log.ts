/**
 * Log lines on standard error: text for people and journald, JSON for collectors. Forty lines of our own: a logging
 * library knows nothing of journald's priorities, and would be the largest dependency of a daemon that runs as root.
 */
import type { Level } from "../core/messages.ts";

export type LogFormat = "text" | "json";

/** Syslog's numbers, as journald reads them in front of a line. */
const PRIORITY: { readonly [Name in Level]: number } = { error: 3, warning: 4, info: 6, debug: 7 };

export interface LogOptions {
  readonly format: LogFormat;
  /** Lines less urgent than this are left out. */
  readonly level: Level;
  /** Standard error goes to journald, which adds time and process by itself. */
  readonly journald: boolean;
  readonly write: (line: string) => void;
}

export class Log {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** One line. `fields` appear beside the text in JSON only. */
  write(level: Level, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (PRIORITY[level] <= PRIORITY[this.#options.level]) this.#options.write(this.line(level, text, fields));
  }

  /** The line itself, with its line feed, however urgent. */
  line(level: Level, text: string, fields: Readonly<Record<string, unknown>> = {}): string {
    const { format, journald } = this.#options;
    const time = new Date().toISOString();
    const priority = journald ? `<${PRIORITY[level]}>` : "";
    if (format === "json") return `${priority}${JSON.stringify({ time, level, text, ...fields })}\n`;
    return journald ? `${priority}${text}\n` : `${time} ${level} ipmpd[${process.pid}]: ${text}\n`;
  }
}
