import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/** One import of a file, as the compiler sees it: `import`, `export … from`, `import()`, and `import("…").Type`. */
export interface Import {
  /** A path below src/ for one of our files (`core/sh.ts`), else what stands in the quotes. */
  readonly to: string;
  readonly own: boolean;
  /** Nothing of it is left when the types are taken out. */
  readonly typeOnly: boolean;
  /** It is `import()`: loaded when it is reached, and not with the file. */
  readonly late: boolean;
}

export interface SourceFile {
  /** Below src/: `core/sh.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** It does nothing but hand on what other files export, or hands on all of one. */
  readonly barrel: boolean;
  /** Members of `process` that it names: `exit`, `on`, … */
  readonly processUses: readonly string[];
}

/** Every TypeScript file below a directory, by its path there. */
export function readSources(dir: string): ReadonlyMap<string, string> {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return new Map(files.sort().map((path) => [path, readFileSync(join(dir, path), "utf8")]));
}

export function parseSources(sources: ReadonlyMap<string, string>): SourceFile[] {
  return [...sources].map(([path, text]) => parseSource(path, text));
}

function parseSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const imports: Import[] = [];
  const processUses: string[] = [];
  visit(tree, (node) => {
    const found = importOf(node);
    if (found) imports.push({ ...resolved(path, found.specifier), typeOnly: found.typeOnly, late: ts.isCallExpression(node) });
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "process") processUses.push(node.name.text);
  });
  return { path, imports, barrel: isBarrel(tree), processUses };
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function importOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node)) return { specifier: textOf(node.moduleSpecifier), typeOnly: importsTypes(node.importClause) };
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) return { specifier: textOf(node.moduleSpecifier), typeOnly: exportsTypes(node) };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return { specifier: textOf(node.argument.literal), typeOnly: true };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return { specifier: textOf(node.arguments[0]!), typeOnly: false };
  return undefined;
}

function importsTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  return !name && namedBindings !== undefined && ts.isNamedImports(namedBindings) && allTypes(namedBindings.elements);
}

function exportsTypes({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  return isTypeOnly || (exportClause !== undefined && ts.isNamedExports(exportClause) && allTypes(exportClause.elements));
}

/** An empty list imports the file for what it does when it is loaded. */
function allTypes(elements: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>): boolean {
  return elements.length > 0 && elements.every((element) => element.isTypeOnly);
}

/** A computed specifier cannot be followed; its text stands for it, and no table allows that. */
function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function resolved(from: string, specifier: string): { to: string; own: boolean } {
  if (!specifier.startsWith(".")) return { to: specifier, own: false };
  return { to: posix.join(posix.dirname(from), specifier), own: true };
}

function isBarrel(tree: ts.SourceFile): boolean {
  const handsOn = (statement: ts.Statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
  const everything = (statement: ts.Statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined && !statement.exportClause;
  return tree.statements.some(everything) || (tree.statements.length > 0 && tree.statements.every(handsOn));
}
