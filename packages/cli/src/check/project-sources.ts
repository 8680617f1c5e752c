import { existsSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Node, ParseResult } from "oxc-parser";
import { parseSync, visitorKeys } from "oxc-parser";

/** A file of the user's project, with its syntax tree. */
export interface ProjectSource {
  /** Relative to the folder of the configuration. */
  readonly file: string;
  readonly text: string;
  readonly tree: ParseResult;
  readonly imports: readonly ProjectImport[];
}

export interface ProjectImport {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly offset: number;
}

/**
 * The configuration and every file that it imports by a relative path, however far: its connectors, its flows and what they use. Packages
 * are not followed. A file that does not parse has no imports; what is wrong with it is told when it is loaded.
 */
export function readProject(configPath: string): readonly ProjectSource[] {
  const folder = dirname(configPath);
  const found = new Map<string, ProjectSource>();
  const waiting = [configPath];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path) || !existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    const tree = parseSync(path, text);
    const imports = importsOf(tree, text);
    found.set(path, { file: relative(folder, path), text, tree, imports });
    for (const { specifier } of imports) if (specifier.startsWith(".")) waiting.push(resolve(dirname(path), specifier));
  }
  return [...found.values()].toSorted((a, b) => a.file.localeCompare(b.file));
}

function importsOf({ module }: ParseResult, text: string): readonly ProjectImport[] {
  const imported = module.staticImports.map(({ moduleRequest, entries, start }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    offset: start,
  }));
  const passedOn = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType, start }) =>
      moduleRequest === null ? [] : [{ specifier: moduleRequest.value, typeOnly: isType, offset: start }],
    ),
  );
  const loaded = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const specifier = /^["'](.*)["']$/.exec(text.slice(start, end))?.[1];
    return specifier === undefined ? [] : [{ specifier, typeOnly: false, offset: start }];
  });
  return [...imported, ...passedOn, ...loaded];
}

/** All nodes of a tree, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const key of visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) if (isNode(each)) yield* nodesOf(each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

/** The line, from 1, of an offset. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
