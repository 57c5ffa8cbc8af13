/** The root of every error that this package throws on purpose; anything else that is thrown is a bug of ours. */
export class IpmpError extends Error {
  /** Stable and meant for programs: upper-case words joined by underscores. The message is for people. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
