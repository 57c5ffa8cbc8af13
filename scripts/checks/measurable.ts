/**
 * Turns TypeScript into JavaScript in which the engine's own coverage can be believed. Types are overwritten with blanks, so that
 * every line stays where it was and no source map has to guess; and each `if` without `else` gets an empty one, so that a condition
 * that is never false is seen. For erasable syntax only, which is all that this code base has.
 */
import ts from "typescript";

/** Replaces the text from `start` to before `end` by `by`; blanks that keep the lines where it is undefined. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by?: string;
}

/** The measurable form of one file. */
export function measurable(path: string, text: string): string {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) {
      edits.push({ start: node.getStart(), end: endWithComma(node, text) });
      return;
    }
    edits.push(...editsAt(node, text));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return applied(edits, text);
}

/** Edits inside of an edit are already done by it. */
function applied(edits: readonly Edit[], text: string): string {
  const ordered = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  let result = "";
  let at = 0;
  for (const { start, end, by } of ordered) {
    if (start < at) continue;
    result += text.slice(at, start) + (by ?? text.slice(start, end).replace(/[^\r\n]/g, " "));
    at = end;
  }
  return result + text.slice(at);
}

const ERASED_MODIFIERS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ReadonlyKeyword,
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.PublicKeyword,
  ts.SyntaxKind.AbstractKeyword,
  ts.SyntaxKind.OverrideKeyword,
]);

/** Nothing of it is left at run time. */
function isTypeOnly(node: ts.Node): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node)) return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  if (ts.isExportDeclaration(node) || ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) return node.isTypeOnly;
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.body === undefined;
  return ERASED_MODIFIERS.has(node.kind) || isDeclared(node) || ts.isIndexSignatureDeclaration(node);
}

function isDeclared(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
}

/** A type in a list of imports takes its comma with it. */
function endWithComma(node: ts.Node, text: string): number {
  if (!ts.isImportSpecifier(node) && !ts.isExportSpecifier(node)) return node.end;
  const comma = /^\s*,/.exec(text.slice(node.end));
  return node.end + (comma?.[0].length ?? 0);
}

function editsAt(node: ts.Node, text: string): Edit[] {
  if (ts.isIfStatement(node) && node.elseStatement === undefined) {
    return [{ start: node.end, end: node.end, by: " else {}" }];
  }
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return [{ start: node.expression.end, end: node.end }];
  if (ts.isNonNullExpression(node)) return [{ start: node.end - 1, end: node.end }];
  if (isTypeScriptPath(node)) return [{ start: node.end - 3, end: node.end - 1, by: "js" }];
  return ts.isTypeNode(node) ? bracketEdits(node, text) : [...annotationEdits(node, text), ...bracketEdits(node, text)];
}

/** The path in an import or export, quotes included. */
function isTypeScriptPath(node: ts.Node): boolean {
  return ts.isStringLiteral(node) && node.text.endsWith(".ts") && namesModule(node.parent);
}

function namesModule(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
}

/** `: string`, `?` and `!`. */
function annotationEdits(node: ts.Node, text: string): Edit[] {
  const { type, questionToken, exclamationToken } = node as ts.Node & Partial<ts.PropertyDeclaration>;
  const marks = ts.isConditionalExpression(node) ? [] : [questionToken, exclamationToken];
  const edits = marks.flatMap((mark) => (mark === undefined ? [] : [{ start: mark.getStart(), end: mark.end }]));
  if (type === undefined) return edits;
  const colon = type.pos - 1;
  return ts.isArrowFunction(node)
    ? [...edits, ...arrowEdits(colon, type.end, text)]
    : [...edits, { start: colon, end: type.end }];
}

/** No line may end between the parameters of an arrow function and its arrow: the bracket moves behind the type. */
function arrowEdits(colon: number, end: number, text: string): Edit[] {
  if (!text.slice(colon, end).includes("\n")) return [{ start: colon, end }];
  const bracket = text.lastIndexOf(")", colon);
  return [
    { start: bracket, end: end - 1 },
    { start: end - 1, end, by: ")" },
  ];
}

type TypeList = ts.NodeArray<ts.Node>;

/** `<Type>` behind a name that is declared, called or constructed. */
function bracketEdits(node: ts.Node, text: string): Edit[] {
  const { typeParameters, typeArguments } = node as ts.Node & {
    [Key in "typeParameters" | "typeArguments"]?: TypeList;
  };
  return [typeParameters, typeArguments].flatMap((list) =>
    list === undefined ? [] : [{ start: list.pos - 1, end: text.indexOf(">", list.end) + 1 }],
  );
}
