/** What the rules need to know about one TypeScript file, read by the compiler's own parser. */
import ts from "typescript";

export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  /** Nothing is loaded at run time: `import type`, `export type ... from`, or `import("x").T` in a type. */
  readonly typeOnly: boolean;
}

export interface Mention {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

function collect<T>(path: string, text: string, pick: (node: ts.Node) => T | undefined): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const picked = pick(node);
    if (picked !== undefined) found.push(picked);
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}

function made(node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): Import | undefined {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, line: lineOf(node), typeOnly };
}

/** `import(...)` and `require(...)`, whatever `require` was made from. */
function isLoadingCall(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression;
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
}

function importAt(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    return made(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  }
  if (ts.isExportDeclaration(node)) return made(node, node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node)) {
    return made(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
  }
  if (ts.isExternalModuleReference(node)) return made(node, node.expression, false);
  return isLoadingCall(node) ? made(node, node.arguments[0], false) : undefined;
}

/** Every way in which this file names another module. */
export function importsOf(path: string, text: string): Import[] {
  return collect(path, text, importAt);
}

/** `clock.process` or `{ process: 1 }`: the word names a member of something, not the global. */
function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}

/** Uses of the given global names; a member of the same name is not one. */
export function globalsIn(path: string, text: string, names: ReadonlySet<string>): Mention[] {
  return collect(path, text, (node) =>
    ts.isIdentifier(node) && names.has(node.text) && !isMemberName(node)
      ? { name: node.text, line: lineOf(node) }
      : undefined,
  );
}

/** Uses of `object.member`, as in `Math.random`. */
export function membersIn(path: string, text: string, object: string, member: string): Mention[] {
  return collect(path, text, (node) =>
    ts.isPropertyAccessExpression(node) &&
    node.name.text === member &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === object
      ? { name: `${object}.${member}`, line: lineOf(node) }
      : undefined,
  );
}

const MOCHA_CALLS = new Set(["it", "describe", "context", "specify", "suite", "test"]);
const SILENCED_CALLS = new Set(["xit", "xdescribe", "xcontext", "xspecify"]);

function silencingAt(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  if (ts.isIdentifier(callee)) return SILENCED_CALLS.has(callee.text) ? callee.text : undefined;
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const member = callee.name.text;
  const owner = callee.expression;
  if (member !== "only" && member !== "skip") return undefined;
  if (owner.kind === ts.SyntaxKind.ThisKeyword) return `this.${member}`;
  return ts.isIdentifier(owner) && MOCHA_CALLS.has(owner.text) ? `${owner.text}.${member}` : undefined;
}

/** Calls that take tests out of the run: `it.only(...)`, `describe.skip(...)`, `this.skip()`, `xit(...)`. */
export function silencedTestsIn(path: string, text: string): Mention[] {
  return collect(path, text, (node) => {
    const name = silencingAt(node);
    return name === undefined ? undefined : { name, line: lineOf(node) };
  });
}

/** Statements of a file that are not `export ... from`. */
export function statementsBesideReexports(path: string, text: string): Mention[] {
  return parse(path, text)
    .statements.filter((statement) => !ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined)
    .map((statement) => ({ name: statement.getText().split("\n")[0] ?? "", line: lineOf(statement) }));
}

/** String literals that end in `suffix`. */
export function literalsEndingIn(path: string, text: string, suffix: string): Mention[] {
  return collect(path, text, (node) =>
    ts.isStringLiteralLike(node) && node.text.endsWith(suffix) ? { name: node.text, line: lineOf(node) } : undefined,
  );
}

/** Every piece of text in the code: string literals, and the fixed parts of templates. */
export function textsIn(path: string, text: string): Mention[] {
  return collect(path, text, (node) =>
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
      ? { name: node.text, line: lineOf(node) }
      : undefined,
  );
}
