import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { measurable } from "../../../scripts/checks/measurable.ts";

/**
 * What the compiler makes of it, without blanks and comments. Also without brackets and commas (those around an assertion of a type are
 * dropped by the compiler, and that behind the last name), without empty `else`, and without the mark of a module in which nothing but types is left.
 */
function compiled(text: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    removeComments: true,
  };
  const { outputText } = ts.transpileModule(text, { compilerOptions });
  return outputText.replace(/[\s(),]+/g, "").replace(/else\{\}|^export\{\};$|^"usestrict";$/g, "");
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path));
}

describe("measurable", () => {
  for (const folder of ["src/core", "src/config"]) {
    it(`means the same as what the compiler makes of ${folder}, line for line`, () => {
      for (const path of sources(folder)) {
        const text = readFileSync(path, "utf8");
        const erased = measurable(path, text);
        assert.ok(compiled(erased) === compiled(text), `${path} is not the same any more`);
        assert.equal(erased.split("\n").length, text.split("\n").length, path);
      }
    });
  }

  const erased: [written: string, left: string][] = [
    ["if (a) b();", "if (a) b(); else {}"],
    ["if (a) { b(); } else c();", "if (a) { b(); } else c();"],
    ["let a!: number;", "let a         ;"],
    ["const a = <T,>(b: T, c?: T) => b!;", "const a =     (b   , c    ) => b ;"],
    [
      "const a = (\n  b: number,\n): {\n  c: 1;\n} => ({ c: 1 });",
      "const a = (\n  b        ,\n    \n       \n) => ({ c: 1 });",
    ],
    ['import { type A, b } from "./c.ts";', 'import {         b } from "./c.js";'],
    ['import type { A } from "./c.ts";', "                                "],
    ['const a = await import("./c.ts");', 'const a = await import("./c.js");'],
  ];
  for (const [written, left] of erased) {
    it(`leaves the lines of ${JSON.stringify(written)}`, () => assert.equal(measurable("a.ts", written), left));
  }

  it("erases what a class says of types", () => {
    const written =
      "class A<T> implements B { readonly a: T; private b(): void; private b(c?: T): void { new C<T>(c); } }";
    assert.equal(measurable("a.ts", written).replace(/\s+/g, " "), "class A { a ; b(c ) { new C (c); } }");
  });
});
