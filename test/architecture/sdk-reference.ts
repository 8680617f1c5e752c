import { readFileSync } from "node:fs";
import { posix } from "node:path";
import type { Node, ParseResult } from "oxc-parser";
import { parseSync } from "oxc-parser";

/**
 * The reference of the SDK, `docs/reference/sdk.md`, from the docstrings of what its entry points export.
 *
 * @module
 */

const root = new URL("../../", import.meta.url);
const entries = [
  ["@belay/sdk", "packages/sdk/src/index.ts"],
  ["@belay/sdk/http", "packages/sdk/src/http/index.ts"],
  ["@belay/sdk/webhook", "packages/sdk/src/webhook/index.ts"],
  ["@belay/sdk/oauth2", "packages/sdk/src/oauth2/index.ts"],
  ["@belay/sdk/formats", "packages/sdk/src/formats/index.ts"],
  ["@belay/sdk/walk", "packages/sdk/src/sync/walk/index.ts"],
  ["@belay/sdk/normalise", "packages/sdk/src/normalise/index.ts"],
  ["@belay/sdk/vcard", "packages/sdk/src/vcard/index.ts"],
] as const;

interface Module {
  readonly path: string;
  readonly text: string;
  readonly tree: ParseResult;
}

/** Something exported: its docstring and what it looks like. */
export interface Documented {
  readonly name: string;
  readonly doc: string;
  readonly code: string;
}

/** The whole page. */
export function sdkReference(): string {
  const parts = entries.map(([name, path]) => {
    const items = exportsOf(path).toSorted((a, b) => a.name.localeCompare(b.name, "en"));
    return [`## ${name}`, moduleDoc(load(path)), ...items.map(section)].filter((part) => part !== "").join("\n\n");
  });
  const head = [
    "# Reference of the SDK",
    "Written by `npm run docs:sdk` from the docstrings in the source; a test compares the two. How the parts work together is in the guide.",
  ];
  return `${[...head, ...parts].join("\n\n")}\n`;
}

function section({ name, doc, code }: Documented): string {
  return [`### ${name}`, doc, `\`\`\`ts\n${code}\n\`\`\``].filter((part) => part !== "").join("\n\n");
}

/** Everything that an entry point exports, each once. */
export function exportsOf(path: string): readonly Documented[] {
  const found = new Map<string, Documented>();
  for (const statement of load(path).tree.program.body) {
    if (statement.type === "ExportAllDeclaration") {
      for (const item of exportsOf(beside(path, statement.source.value))) found.set(item.name, item);
    } else if (statement.type === "ExportNamedDeclaration" && statement.source !== null) {
      for (const { local, exported } of statement.specifiers) {
        if (local.type !== "Identifier" || exported.type !== "Identifier") continue;
        const item = declaration(beside(path, statement.source.value), local.name);
        if (item !== undefined) found.set(exported.name, { ...item, name: exported.name });
      }
    } else if (statement.type === "ExportNamedDeclaration" && statement.declaration !== null) {
      const name = nameOf(statement.declaration);
      const item = name === undefined ? undefined : declaration(path, name);
      if (item !== undefined) found.set(item.name, item);
    }
  }
  return [...found.values()];
}

/** What a module declares under a name, or passes on from another one. */
function declaration(path: string, name: string): Documented | undefined {
  const module = load(path);
  for (const statement of module.tree.program.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    if (statement.declaration !== null && nameOf(statement.declaration) === name)
      return { name, doc: docBefore(module, statement.start), code: codeOf(module, statement.declaration) };
    const passed =
      statement.source !== null && statement.specifiers.some(({ exported }) => exported.type === "Identifier" && exported.name === name);
    if (passed && statement.source !== null) return declaration(beside(path, statement.source.value), name);
  }
  return undefined;
}

function nameOf(node: Node): string | undefined {
  if (node.type === "VariableDeclaration") {
    const id = node.declarations[0]?.id;
    return id?.type === "Identifier" ? id.name : undefined;
  }
  return "id" in node && typeof node.id === "object" && node.id !== null && "name" in node.id ? String(node.id.name) : undefined;
}

/** What its user sees: types as they are written, functions and classes without their bodies. */
function codeOf({ text }: Module, node: Node): string {
  if (node.type === "FunctionDeclaration") return text.slice(node.start, node.body?.start ?? node.end).trimEnd();
  if (node.type === "VariableDeclaration") {
    const [first] = node.declarations;
    const value = text.slice(node.start, node.end);
    return value.split("\n").length <= 12 || first === undefined || first.init === null
      ? value
      : `${text.slice(node.start, first.init.start)}…`;
  }
  if (node.type !== "ClassDeclaration") return text.slice(node.start, node.end);
  const members = node.body.body.flatMap((member) => {
    if (!("key" in member) || member.key.type === "PrivateIdentifier") return [];
    const body = "value" in member && member.value !== null && "body" in member.value ? member.value.body : null;
    return [
      `  ${text
        .slice(member.start, body?.start ?? member.end)
        .trimEnd()
        .replace(/;$/, "")};`,
    ];
  });
  return `${text.slice(node.start, node.body.start)}{\n${members.join("\n")}\n}`;
}

function moduleDoc(module: Module): string {
  const [first] = module.tree.comments;
  return first?.value.includes("@module") === true ? markdown(first.value).replaceAll("\n@module", "").trim() : "";
}

function docBefore({ tree, text }: Module, start: number): string {
  const comment = tree.comments.findLast(({ end, value }) => end <= start && value.startsWith("*"));
  return comment !== undefined && text.slice(comment.end, start).trim() === "" ? markdown(comment.value) : "";
}

/** A docstring as Markdown: tags become paragraphs of their own. */
function markdown(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  return lines
    .join("\n")
    .trim()
    .replaceAll(/\n?@throws /g, "\nThrows: ")
    .replaceAll(/\n?@see /g, "\nSee: ");
}

function beside(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function load(path: string): Module {
  const text = readFileSync(new URL(path, root), "utf8");
  return { path, text, tree: parseSync(path, text) };
}
