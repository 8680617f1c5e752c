import { type SourceFile, type Violation, violation } from "./sources.ts";

const fence = /^```ts\n([\s\S]*?)^```$/gm;

/** Code in a guide that is no part of the file that its first line names, so that nothing would compile or run it. */
export function checkSnippets(guide: SourceFile, files: readonly SourceFile[]): Violation[] {
  return [...guide.text.matchAll(fence)].flatMap(({ index, 1: snippet = "" }) => {
    const [first = "", ...rest] = snippet.split("\n");
    const path = /^\/\/ (\S+)$/.exec(first)?.[1];
    const file = files.find((one) => one.path === path);
    if (file === undefined) return [violation(guide, index, `shows code whose first line names no file: ${first}`)];
    return file.text.includes(rest.join("\n").trimEnd()) ? [] : [violation(guide, index, `shows code that ${file.path} does not have.`)];
  });
}
