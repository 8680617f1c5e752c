import type { Node } from "oxc-parser";
import type { Finding } from "./finding.ts";
import { lineOf, nodesOf } from "./project-sources.ts";
import type { ProjectSource } from "./project-sources.ts";

/** Texts that are keys of well-known providers, by how they begin. @see https://docs.github.com/en/code-security/secret-scanning */
const known: readonly (readonly [string, RegExp])[] = [
  ["a Stripe key", /\b[rs]k_(live|test)_[A-Za-z0-9]{10,}/],
  ["a webhook secret", /\bwhsec_[A-Za-z0-9+/=]{16,}/],
  ["a GitHub token", /\b(gh[opusr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/],
  ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ["an AWS key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a Google key", /\bAIza[\w-]{30,}/],
  ["a HubSpot token", /\bpat-(na|eu)\d-[\da-f-]{20,}/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a JSON web token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
];
const remedy =
  'Read it from the environment, new Secret(process.env["…"] ?? ""), and renew it at the provider: whoever has the files has it.';

/** Secrets that are written into files. What they are is said, never the text itself. */
export function findSecrets(sources: readonly ProjectSource[]): readonly Finding[] {
  return sources.flatMap(({ file, text, tree }) =>
    [...nodesOf(tree.program)].flatMap((node): Finding[] => {
      const what = secretIn(node);
      return what === undefined ? [] : [{ check: "secrets", file, line: lineOf(text, node.start), problem: `holds ${what}.`, remedy }];
    }),
  );
}

function secretIn(node: Node): string | undefined {
  if (node.type === "NewExpression" && node.callee.type === "Identifier" && node.callee.name === "Secret") {
    const [value] = node.arguments;
    const written = value === undefined ? undefined : textOf(value);
    // A key that is known is told of where the text is.
    return written === undefined || written === "" || knownIn(written) !== undefined ? undefined : "a secret as plain text";
  }
  const written = textOf(node);
  return written === undefined ? undefined : knownIn(written);
}

function knownIn(text: string): string | undefined {
  return known.find(([, pattern]) => pattern.test(text))?.[0];
}

function textOf(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  return node.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis.map(({ value }) => value.raw).join("") : undefined;
}
