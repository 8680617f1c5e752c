import { nodesOf, parse, type SourceFile, type Violation, violation } from "./sources.ts";

const reference = /([\w./@-]+\.(?:tsx?|sql))#([A-Za-z_$][\w$]*)/g;

/** References `file#symbol` of documents, files named from the root of the repository, whose file or symbol does not exist. */
export function checkReferences(documents: readonly SourceFile[], files: readonly SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return documents.flatMap((document) =>
    [...document.text.matchAll(reference)].flatMap(({ index, 1: path = "", 2: symbol = "" }) => {
      const file = byPath.get(path.replace(/^(\.\.?\/)+/, ""));
      if (file === undefined) return [violation(document, index, `names ${path}, which does not exist.`)];
      return declares(file, symbol) ? [] : [violation(document, index, `names ${path}#${symbol}, which that file does not declare.`)];
    }),
  );
}

/** Functions, constants, classes, types, methods and properties count; in SQL any object that is created. */
function declares(file: SourceFile, symbol: string): boolean {
  if (file.path.endsWith(".sql"))
    return new RegExp(`\\b(table|function|index|sequence|view|trigger)\\s+(if not exists\\s+)?([a-z_]+\\.)?${symbol}\\b`, "i").test(
      file.text,
    );
  return [...nodesOf(parse(file).program)].some((node) => {
    if ("id" in node && node.id?.type === "Identifier") return node.id.name === symbol;
    const named =
      node.type === "MethodDefinition" ||
      node.type === "PropertyDefinition" ||
      node.type === "Property" ||
      node.type === "TSPropertySignature" ||
      node.type === "TSMethodSignature";
    return named && (node.key.type === "Identifier" || node.key.type === "PrivateIdentifier") && node.key.name === symbol;
  });
}
