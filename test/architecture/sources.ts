import { globSync, readFileSync } from "node:fs";
import type { Node } from "oxc-parser";
import { parseSync, visitorKeys } from "oxc-parser";

/** A file of the repository: its path from the root, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule found; `path:line` leads an editor there. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

const root = new URL("../../", import.meta.url);
const code = "{packages,connectors,examples,bench,test}/**/*.{ts,tsx}";

/** All files of the repository that match, sorted; never those of dependencies or build results. */
export function readSources(pattern: string = code): SourceFile[] {
  return globSync(pattern, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));
}

/** True for tests and what only tests use. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)(__fixtures__|fixtures|test)\//.test(path);
}

/** The syntax tree of a file, as ESTree with TypeScript's nodes. */
export function parse(file: SourceFile): ReturnType<typeof parseSync> {
  return parseSync(file.path, file.text);
}

/** All nodes of a tree of any type, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const key of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, unknown>)[key];
    for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) yield* nodesOf(each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

/** The line, from 1, of an offset in the text. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

export function violation(file: SourceFile, offset: number, problem: string): Violation {
  return { path: file.path, line: lineAt(file.text, offset), problem };
}

/** Violations as lines of text, for a readable comparison with `[]`. */
export function show(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, problem }) => `${path}:${line} ${problem}`);
}
