export { ConfigurationError, type ConfigurationErrorCode } from "./configuration-error.ts";
export { type ConfigurationFile, fileForm } from "./file-form.ts";
export { configurationJsonSchema } from "./json-schema.ts";
export { type LoadOptions, loadConfig, loadConfiguration } from "./load.ts";
export { type MpathdDefaults, parseMpathdDefaults } from "./mpathd.ts";
export { readMpathdDefaults } from "./mpathd-file.ts";
export { type ParsedConfiguration, parseConfiguration } from "./parse.ts";
export { formatProblem, type Problem } from "./problem.ts";
