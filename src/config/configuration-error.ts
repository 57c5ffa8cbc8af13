import { IpmpError } from "../core/errors.ts";

export type ConfigurationErrorCode =
  /** Read, and wrong; from `loadConfig` only. */
  | "CONFIGURATION_WRONG"
  | "CONFIGURATION_MISSING"
  | "CONFIGURATION_UNREADABLE"
  | "CONFIGURATION_NOT_A_FILE"
  | "CONFIGURATION_TOO_LARGE"
  | "CONFIGURATION_NOT_UTF8";

/** The file could not be read at all; or, for callers who want no list of problems, something in it is wrong. */
export class ConfigurationError extends IpmpError {
  declare readonly code: ConfigurationErrorCode;

  constructor(code: ConfigurationErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
