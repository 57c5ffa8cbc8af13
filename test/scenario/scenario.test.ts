/** Every transcript of this folder is a test: see `interpreter.ts` for the commands. */
import { readdirSync } from "node:fs";
import { checkTranscript } from "../support/transcript.ts";
import { makeInterpreter } from "./interpreter.ts";

describe("scenario", () => {
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"))) {
    it(file.replace(/\.txt$/, "").replaceAll("-", " "), () => {
      checkTranscript(`${import.meta.dirname}/${file}`, makeInterpreter());
    });
  }
});
