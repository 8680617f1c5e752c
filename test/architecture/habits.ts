import type { Node } from "oxc-parser";
import { findImports } from "./imports.ts";
import { isTest, nodesOf, parse, type SourceFile, type Violation, violation } from "./sources.ts";

/** A rule of habit and the files that may break it, each with its reason. */
export interface Habit {
  readonly name: string;
  readonly appliesTo: (path: string) => boolean;
  /** Path, or folder ending in a slash → why it may. */
  readonly exceptions: Readonly<Record<string, string>>;
  readonly check: (file: SourceFile) => Violation[];
}

const maxLines = 400;

export const habits: readonly Habit[] = [
  {
    name: `no file is longer than ${maxLines} lines`,
    appliesTo: (path) => !path.includes(".generated."),
    exceptions: {},
    check: (file) => {
      const lines = file.text.trimEnd().split("\n").length;
      return lines > maxLines ? [violation(file, 0, `has ${lines} lines; split it where a second idea begins.`)] : [];
    },
  },
  {
    name: "tests do not sleep",
    appliesTo: (path) => path.endsWith(".test.ts") || path.endsWith(".test.tsx"),
    exceptions: {},
    check: (file) => [
      ...calls(file, (callee) => isGlobal(callee, "setTimeout"), "sleeps: advance the clock, or hold and release the answer."),
      ...findImports(file)
        .filter(({ specifier }) => /^(node:)?timers(\/promises)?$/.test(specifier))
        .map(({ offset }) => violation(file, offset, "imports timers: advance the clock, or hold and release the answer.")),
    ],
  },
  {
    name: "the SDK and the server take time and chance from outside",
    appliesTo: (path) => /^packages\/(sdk|server)\/src\//.test(path) && !isTest(path),
    exceptions: {
      "packages/sdk/src/http/clock.ts": "the SDK's one source of time",
      "packages/server/src/telemetry/clock.ts": "the server's one source of time",
      "packages/server/src/main.ts": "composes the server: hands the machine's random to what needs it",
      "packages/server/src/flow/thread.ts": "the same for what runs in a worker thread",
    },
    check: (file) => [
      ...members(file, { Date: ["now"], Math: ["random"] }, "takes time or chance from the machine: use the injected clock or random."),
      ...[...nodesOf(parse(file).program)]
        .filter((node) => node.type === "NewExpression" && node.arguments.length === 0 && isGlobal(node.callee, "Date"))
        .map((node) => violation(file, node.start, "reads the machine's time: use the injected clock.")),
    ],
  },
  {
    name: "only the pipeline speaks to the network",
    // An example's own main program plays the host application, which may call Belay as it likes; its flows may not.
    appliesTo: (path) => /^(packages|connectors)\/|\/flows\//.test(path) && !isTest(path),
    exceptions: {
      "packages/sdk/src/http/": "the pipeline",
      "packages/testkit/": "speaks as the provider",
    },
    check: (file) => [
      ...findImports(file)
        .filter(({ specifier, typeOnly }) => !typeOnly && /^(undici|(node:)?(http|https|http2))$/.test(specifier))
        .map(({ specifier, offset }) =>
          violation(file, offset, `imports ${specifier}: calls leave through the pipeline of packages/sdk/src/http.`),
        ),
      ...(bindsFetch(file)
        ? []
        : calls(file, (callee) => isGlobal(callee, "fetch"), "calls the global fetch: calls leave through the pipeline.")),
    ],
  },
  {
    name: "SQL reads belay.now(), which tests can move",
    appliesTo: (path) => path.startsWith("packages/server/src/") && !isTest(path),
    exceptions: {},
    check: (file) => {
      const machineTime =
        /(?<![.\w])(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(|\bcurrent_(timestamp|date|time)\b/i;
      return statements(file)
        .filter(({ text }) => machineTime.test(text))
        .map(({ offset }) => violation(file, offset, "reads the server's time in SQL: use belay.now()."));
    },
  },
  {
    // The planner knows neither how long a list is nor how columns of a key hang together: joined, it may walk through a table once for every row of the list.
    name: "rows of a list that is given are looked up one by one",
    appliesTo: (path) => path.startsWith("packages/server/src/") && !isTest(path),
    exceptions: {},
    check: (file) => {
      const joined =
        /\bfrom json_\w+\([^)]*\)(::json\))?[^;]*?(?<!lateral \([^)]*)(?<!left )\bjoin belay\.\w+|\bfrom belay\.\w+ \w+\s+join json_\w+\(/;
      return statements(file)
        .filter(({ text }) => joined.test(text))
        .map(({ offset }) => violation(file, offset, "joins a table to a list: use `cross join lateral (select … limit 1)`."));
    },
  },
];

/** What breaks a habit outside its exceptions. */
export function checkHabit(habit: Habit, files: readonly SourceFile[]): Violation[] {
  const excepted = Object.keys(habit.exceptions);
  const isExcepted = (path: string, exception: string): boolean =>
    exception.endsWith("/") ? path.startsWith(exception) : path === exception;
  const found = files.filter(({ path }) => habit.appliesTo(path)).flatMap((file) => habit.check(file));
  return found.filter(({ path }) => !excepted.some((exception) => isExcepted(path, exception)));
}

/** The SQL of a file; where a value goes in stands `?`. */
function statements(file: SourceFile): { readonly text: string; readonly offset: number }[] {
  return [...nodesOf(parse(file).program)].flatMap((node) => {
    if (node.type !== "TaggedTemplateExpression" || node.tag.type !== "Identifier" || node.tag.name !== "sql") return [];
    return [{ text: node.quasi.quasis.map(({ value }) => value.raw).join("?"), offset: node.start }];
  });
}

function calls(file: SourceFile, matches: (callee: Node) => boolean, problem: string): Violation[] {
  return [...nodesOf(parse(file).program)]
    .filter((node) => node.type === "CallExpression" && matches(node.callee))
    .map((node) => violation(file, node.start, problem));
}

function members(file: SourceFile, refused: Readonly<Record<string, readonly string[]>>, problem: string): Violation[] {
  return [...nodesOf(parse(file).program)].flatMap((node) => {
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier" || node.property.type !== "Identifier") return [];
    return refused[node.object.name]?.includes(node.property.name) === true ? [violation(file, node.start, problem)] : [];
  });
}

/** `name` itself, or `globalThis.name`. */
function isGlobal(node: Node, name: string): boolean {
  if (node.type === "Identifier") return node.name === name;
  return (
    node.type === "MemberExpression" &&
    isGlobal(node.object, "globalThis") &&
    node.property.type === "Identifier" &&
    node.property.name === name
  );
}

/** True where `fetch` is a parameter, a variable or an import, so that calling it is calling what was passed in. */
function bindsFetch(file: SourceFile): boolean {
  const isFetch = (node: Node): boolean => [...nodesOf(node)].some((each) => each.type === "Identifier" && each.name === "fetch");
  return [...nodesOf(parse(file).program)].some((node) => {
    if (node.type === "VariableDeclarator") return isFetch(node.id);
    if (node.type === "ImportSpecifier") return isFetch(node.local);
    return "params" in node && Array.isArray(node.params) && node.params.some(isFetch);
  });
}
