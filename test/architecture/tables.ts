import type { Node } from "oxc-parser";
import { isTest, nodesOf, parse, type SourceFile, type Violation, violation } from "./sources.ts";

interface TableUse {
  readonly table: string;
  readonly offset: number;
}

const builderMethods = /^(selectFrom|insertInto|updateTable|deleteFrom|mergeInto|table|ref|(inner|left|right|full|cross)Join)$/;

/**
 * Tables named `belay.x` in a file: in templates tagged `sql`, in `sql.raw` and in Kysely's builder methods. A name with a bracket
 * after it is a function, except after `into` and the like.
 */
export function findTables(file: SourceFile): TableUse[] {
  if (file.path.endsWith(".sql")) return tablesIn(file.text.replaceAll(/--.*$/gm, blank), 0);
  return [...nodesOf(parse(file).program)].flatMap((node) => sqlTexts(node).flatMap(({ text, offset }) => tablesIn(text, offset)));
}

function sqlTexts(node: Node): { text: string; offset: number }[] {
  if (node.type === "TaggedTemplateExpression" && isSql(node.tag))
    return node.quasi.quasis.map(({ value, start }) => ({ text: value.raw, offset: start }));
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression" || node.callee.property.type !== "Identifier") return [];
  const { object, property } = node.callee;
  const raw = isSql(object) && /^(raw|table|id)$/.test(property.name);
  if (!raw && !builderMethods.test(property.name)) return [];
  return node.arguments.flatMap((argument) => {
    if (argument.type === "Literal" && typeof argument.value === "string") return [{ text: argument.value, offset: argument.start }];
    if (argument.type === "TemplateLiteral") return argument.quasis.map(({ value, start }) => ({ text: value.raw, offset: start }));
    return [];
  });
}

function isSql(node: Node): boolean {
  return node.type === "Identifier" && node.name === "sql";
}

function tablesIn(text: string, offset: number): TableUse[] {
  return [...text.matchAll(/(\b\w+\s+)?\bbelay\.("?)([a-z_][a-z0-9_]*)\2(\s*\()?/gi)].flatMap((match) => {
    const [whole, before = "", , table = "", bracket] = match;
    const word = before.trim().toLowerCase();
    if (/^(function|procedure|sequence|type|trigger|index|schema)$/.test(word)) return [];
    if (bracket !== undefined && !/^(into|table|references|exists|on|only)$/.test(word)) return [];
    // `nextval('belay.message_id')`: a quote before the name makes it a sequence or another object by name.
    if (text[match.index + whole.indexOf("belay") - 1] === "'") return [];
    // A partition belongs to whoever owns the whole.
    if (/^\s*partition\s+of\b/i.test(text.slice(match.index + whole.length))) return [];
    return [{ table: table.toLowerCase(), offset: offset + match.index }];
  });
}

function blank(text: string): string {
  return " ".repeat(text.length);
}

/** The tables a slice's `index.ts` claims in its header: `Tables owned: a, b.` */
export function ownedTables(index: SourceFile): string[] | undefined {
  const header = /^\s*\/\*\*([\s\S]*?)\*\//.exec(index.text)?.[1]?.replaceAll(/^\s*\*/gm, " ");
  const list = header === undefined ? undefined : /Tables owned:([^.;]*)[.;]/.exec(header)?.[1];
  return list
    ?.split(/,|\band\b/)
    .map((name) => name.replaceAll("`", "").trim())
    .filter((name) => name !== "" && name !== "none");
}

/** Every use of a table outside the slice that owns it, every slice without a header, every table with none or several owners. */
export function checkTables(files: readonly SourceFile[]): Violation[] {
  const slices = files.filter(({ path }) => /^packages\/server\/src\/[^/]+\/index\.ts$/.test(path));
  const owners = new Map<string, string>();
  const violations: Violation[] = [];
  for (const index of slices) {
    const slice = sliceOf(index.path);
    const tables = ownedTables(index);
    if (tables === undefined) violations.push(violation(index, 0, 'the header has no line "Tables owned: a, b." (or "none.").'));
    for (const table of tables ?? []) {
      const other = owners.get(table);
      if (other !== undefined) violations.push(violation(index, 0, `claims belay.${table}, which ${other} owns.`));
      owners.set(table, slice);
    }
  }
  for (const file of files.filter(({ path }) => path.startsWith("packages/server/src/") && !isTest(path))) {
    for (const { table, offset } of findTables(file)) {
      const owner = owners.get(table);
      if (owner === undefined) violations.push(violation(file, offset, `no index.ts lists belay.${table} under "Tables owned:".`));
      else if (!isMigration(file) && owner !== sliceOf(file.path))
        violations.push(violation(file, offset, `belay.${table} is owned by ${owner}; use its index.ts.`));
    }
  }
  return violations;
}

function isMigration({ path }: SourceFile): boolean {
  return path.includes("/db/migrations/") || path.endsWith("/db/schema.sql");
}

function sliceOf(path: string): string {
  return path.split("/")[3] ?? "";
}
