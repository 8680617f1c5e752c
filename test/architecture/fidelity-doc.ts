import { type SourceFile, type Violation, violation } from "./sources.ts";

/** A behaviour as its test names it, and the page of the provider that says so. */
interface Behaviour {
  readonly name: string;
  readonly source: string;
}

const tested = /\/\*\* @see (\S+)[^/]*\*\/\nit\("((?:[^"\\]|\\.)*)"/g;
const row = /^\| (?<name>[^|]+) \| <(?<source>[^>|]+)> \| (?<state>[^|]+) \|$/gm;

/** The behaviours that a document tells of and the tests do not check, the other way about, and those without a source. */
export function checkFidelityDoc(document: SourceFile, tests: readonly SourceFile[]): Violation[] {
  const checked = tests.flatMap(behavioursOf);
  const told = [...document.text.matchAll(row)].map(({ index, groups = {} }) => ({
    index,
    name: groups["name"] ?? "",
    source: groups["source"] ?? "",
  }));
  const same = (a: Behaviour, b: Behaviour): boolean => a.name === b.name && a.source === b.source;
  return [
    ...told
      .filter((one) => !checked.some((other) => same(one, other)))
      .map(({ index, name }) => violation(document, index, `no test checks: ${name}`)),
    ...checked
      .filter((one) => !told.some((other) => same(one, other)))
      .map(({ name, source }) => violation(document, 0, `lacks: ${name} (${source})`)),
    ...tests.flatMap(refuseUnsourced),
  ];
}

/** The tests of a file that name their source, in order. */
export function behavioursOf({ text }: SourceFile): Behaviour[] {
  return [...text.matchAll(tested)].map(([, source = "", name = ""]) => ({ name, source }));
}

function refuseUnsourced(file: SourceFile): Violation[] {
  const count = [...file.text.matchAll(/^it(?:\.\w+)?\(/gm)].length;
  return count === behavioursOf(file).length ? [] : [violation(file, 0, "has a test without an @see of the provider's documentation.")];
}
