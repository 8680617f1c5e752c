import { isFailureClass } from "../../packages/sdk/src/index.ts";
import type { Node, ObjectExpression, ObjectProperty } from "oxc-parser";
import { isTest, nodesOf, parse, type SourceFile, type Violation, violation } from "./sources.ts";

/** A code as its `errors.ts` declares it. */
export interface ErrorCode {
  readonly code: string;
  /** The class of failures it belongs to; empty where the declaration names none. */
  readonly class: string;
  readonly retry: string;
  readonly meaning: string;
  /** The folder that owns it, such as `server/vault` or `connectors/zendesk`. */
  readonly where: string;
  readonly file: SourceFile;
  readonly offset: number;
}

const codePattern = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** Code that ships and so can throw or declare: packages and connectors, tests aside. */
function shippedCode(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => /^(packages|connectors)\//.test(path) && !isTest(path));
}

/**
 * Declared codes, in both shapes: `{ VAULT_REFRESH_REJECTED: { retry, meaning } }` in a slice's `errors.ts`, and a connector's error
 * rows, `{ status, code: "ZENDESK_RECORD_INVALID", retry, meaning }`.
 */
export function findErrorCodes(file: SourceFile): ErrorCode[] {
  if (!file.text.includes("meaning")) return [];
  const found: ErrorCode[] = [];
  const declare = (code: string, row: ObjectExpression): void => {
    const meaning = textOf(property(row, "meaning")?.value);
    if (!codePattern.test(code) || meaning === undefined) return;
    const retry = property(row, "retry");
    const failureClass = textOf(property(row, "class")?.value) ?? "";
    found.push({ code, meaning, class: failureClass, retry: retryText(file, retry), where: whereOf(file.path), file, offset: row.start });
  };
  for (const node of nodesOf(parse(file).program)) {
    if (node.type !== "ObjectExpression") continue;
    declare(textOf(property(node, "code")?.value) ?? "", node);
    for (const each of node.properties) {
      if (each.type === "Property" && each.value.type === "ObjectExpression") declare(keyOf(each) ?? "", each.value);
    }
  }
  return found;
}

/** Codes given as a literal to `new BelayError(…)`. */
function findThrownCodes(file: SourceFile): { code: string; offset: number }[] {
  return [...nodesOf(parse(file).program)].flatMap((node) => {
    if (node.type !== "NewExpression" || node.callee.type !== "Identifier" || node.callee.name !== "BelayError") return [];
    const code = textOf(node.arguments[0]);
    return code === undefined ? [] : [{ code, offset: node.start }];
  });
}

/** Codes thrown but not declared, declared in two places or without a class, or declared and then never mentioned by code that could throw them. */
export function checkErrorCodes(files: readonly SourceFile[]): Violation[] {
  const shipped = shippedCode(files);
  const declared = shipped.flatMap(findErrorCodes);
  const places = Map.groupBy(declared, ({ code }) => code);
  const undeclared = shipped.flatMap((file) =>
    findThrownCodes(file)
      .filter(({ code }) => !places.has(code))
      .map(({ code, offset }) => violation(file, offset, `throws ${code}, which no errors.ts declares with its retry and meaning.`)),
  );
  const doubled = [...places.values()].flatMap(([first, ...others]) =>
    others
      .filter(({ file }) => file.path !== first?.file.path)
      .map(({ code, file, offset }) => violation(file, offset, `declares ${code} again; it is declared in ${first?.file.path}.`)),
  );
  const words = Map.groupBy(
    shipped.flatMap(({ text }) => text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []),
    (word) => word,
  );
  const unused = declared
    .filter(({ file, code }) => !file.path.startsWith("connectors/") && words.get(code)?.length === 1)
    .map(({ code, file, offset }) => violation(file, offset, `declares ${code}, which nothing uses.`));
  const unclassed = declared
    .filter((each) => !isFailureClass(each.class))
    .map(({ code, file, offset }) => violation(file, offset, `declares ${code} without a class of failureClasses.`));
  return [...undeclared, ...doubled, ...unused, ...unclassed];
}

/** The table of `docs/errors.md`: one row per code, sorted; rows of a connector that share a code become one. */
export function errorTable(files: readonly SourceFile[]): string {
  const byCode = Map.groupBy(shippedCode(files).flatMap(findErrorCodes), ({ code }) => code);
  const rows = [...byCode]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, all]) => {
      const join = (texts: readonly string[], separator: string): string => [...new Set(texts)].join(separator).replaceAll("|", "\\|");
      const meaning = all.map((row) => row.meaning);
      const retry = all.map((row) => row.retry);
      const classes = all.map((row) => `[${row.class}](failures.md#${row.class})`);
      const where = all.map((row) => `\`${row.where}\``);
      return `| \`${code}\` | ${join(classes, ", ")} | ${join(meaning, " Or: ")} | ${join(retry, "; ")} | ${join(where, ", ")} |`;
    });
  return ["| code | class | meaning | retry | where |", "| --- | --- | --- | --- | --- |", ...rows, ""].join("\n");
}

function property(row: ObjectExpression, name: string): ObjectProperty | undefined {
  return row.properties.find((each): each is ObjectProperty => each.type === "Property" && keyOf(each) === name);
}

function keyOf({ key }: ObjectProperty): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}

/** The text of a literal, also when it is put together with `+`. */
function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  if (node?.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function retryText(file: SourceFile, retry: ObjectProperty | undefined): string {
  if (retry === undefined) return "never";
  const literal = textOf(retry.value);
  if (literal !== undefined) return literal;
  const afterMs = retry.value.type === "ObjectExpression" ? property(retry.value, "afterMs")?.value : undefined;
  if (afterMs?.type === "Literal" && typeof afterMs.value === "number") return `after ${afterMs.value / 1_000} s`;
  return `\`${file.text.slice(retry.value.start, retry.value.end)}\``;
}

function whereOf(path: string): string {
  const folder = path.replace(/\/[^/]+$/, "");
  return folder.replace(/^packages\/([^/]+)\/src/, "$1");
}
