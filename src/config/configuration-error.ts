import { IpmpError } from "../core/errors.ts";

export type ConfigurationErrorCode =
  | "CONFIGURATION_MISSING"
  | "CONFIGURATION_UNREADABLE"
  | "CONFIGURATION_NOT_A_FILE"
  | "CONFIGURATION_TOO_LARGE"
  | "CONFIGURATION_NOT_UTF8";

/** The file could not be read at all. What is wrong *in* a file is a list of problems, never an error. */
export class ConfigurationError extends IpmpError {
  declare readonly code: ConfigurationErrorCode;

  constructor(code: ConfigurationErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
