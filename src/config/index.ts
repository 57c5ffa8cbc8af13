export { ConfigurationError, type ConfigurationErrorCode } from "./configuration-error.ts";
export { configurationJsonSchema } from "./json-schema.ts";
export { loadConfig, loadConfiguration } from "./load.ts";
export { type ParsedConfiguration, parseConfiguration } from "./parse.ts";
export { formatProblem, type Problem } from "./problem.ts";
