import type { Node } from "oxc-parser";
import type { Finding } from "./finding.ts";
import { lineOf, nodesOf } from "./project-sources.ts";
import type { ProjectSource } from "./project-sources.ts";

const forbidden =
  /^((node:)?(http|https|http2|net|tls|dgram)|undici|axios|got|ky|ofetch|node-fetch|cross-fetch|superagent|needle|request|ws)(\/.*)?$/;
const globals = new Set(["fetch", "WebSocket", "EventSource", "XMLHttpRequest"]);
const remedy =
  "Declare the call as an operation of a connector: only there it has a deadline, a budget, retries, its idempotency key and the lease check.";

/** Ways to the network that go past the pipeline: imports of clients and sockets, and the global ones. */
export function findNetwork(sources: readonly ProjectSource[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const report = (offset: number, problem: string): Finding => ({
      check: "network",
      file: source.file,
      line: lineOf(source.text, offset),
      problem,
      remedy,
    });
    const imports = source.imports
      .filter(({ specifier, typeOnly }) => !typeOnly && forbidden.test(specifier))
      .map(({ specifier, offset }) => report(offset, `imports "${specifier}": that is a way to the network past the pipeline.`));
    const nodes = [...nodesOf(source.tree.program)];
    const bound = new Set(nodes.flatMap(boundNames));
    const calls = nodes.flatMap((node) => {
      if (node.type !== "CallExpression" && node.type !== "NewExpression") return [];
      const name = globalName(node.callee, bound);
      return name === undefined || !globals.has(name)
        ? []
        : [report(node.start, `uses the global ${name}: that is a way to the network past the pipeline.`)];
    });
    return [...imports, ...calls];
  });
}

/** `fetch`, or `globalThis.fetch`; undefined where the file itself gives the name another meaning. */
function globalName(callee: Node, bound: ReadonlySet<string>): string | undefined {
  if (callee.type === "Identifier") return bound.has(callee.name) ? undefined : callee.name;
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.object.name !== "globalThis") return undefined;
  return callee.property.type === "Identifier" ? callee.property.name : undefined;
}

/** The names that a node gives a meaning: variables, parameters, imports. */
function boundNames(node: Node): readonly string[] {
  if (node.type === "VariableDeclarator") return identifiersIn(node.id);
  if (node.type === "ImportSpecifier" || node.type === "ImportDefaultSpecifier") return identifiersIn(node.local);
  if (!("params" in node) || !Array.isArray(node.params)) return [];
  return (node.params as Node[]).flatMap(identifiersIn);
}

function identifiersIn(node: Node): readonly string[] {
  return [...nodesOf(node)].flatMap((each) => (each.type === "Identifier" ? [each.name] : []));
}
