import { z } from "zod";
import { fileSchema } from "./schema.ts";

/** JSON Schema of the file for editors. Draft 7, which the YAML plug-ins of the common editors read. */
export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(fileSchema, { target: "draft-7", io: "input" });
}
