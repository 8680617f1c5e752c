import type { AnyConnector } from "@belay/sdk";

/** One thing that is asked for, in words. */
export interface AccessLine {
  readonly scope: string;
  readonly text: string;
  /** Whoever connects may leave it out. */
  readonly optional: boolean;
}

/** Scopes of OpenID Connect, which are the same everywhere. @see OpenID Connect Core, sections 5.4 and 11 */
const common: Readonly<Record<string, string>> = {
  openid: "Know which account it is",
  profile: "See the name and profile of the account",
  email: "See the e-mail address of the account",
  offline_access: "Keep working while you are away",
};

/** What scopes allow, by the resources that need them; a scope that none needs is told by its name. */
export function describeAccess(connector: AnyConnector, scopes: readonly string[]): AccessLine[] {
  const { auth } = connector;
  const optional = auth.kind === "oauth2" ? (auth.optionalScopes ?? []) : [];
  return scopes.map((scope) => {
    const using = (how: "read" | "write"): string[] =>
      Object.entries(connector.resources).flatMap(([name, { scopes: needed }]) =>
        needed?.[how]?.includes(scope) === true ? [inWords(name)] : [],
      );
    const [read, write] = [using("read"), using("write")];
    const parts = [
      ...(read.length === 0 ? [] : [`read ${enumerate(read)}`]),
      ...(write.length === 0 ? [] : [`create and change ${enumerate(write)}`]),
    ];
    return {
      scope,
      text: parts.length === 0 ? (common[scope] ?? scope) : capitalize(parts.join("; ")),
      optional: optional.includes(scope),
    };
  });
}

/** `serviceTicket` reads `service tickets`. */
export function inWords(resource: string): string {
  const words = resource
    .replaceAll(/([A-Z])/g, " $1")
    .replaceAll("_", " ")
    .toLowerCase();
  if (words.endsWith("s")) return words;
  if (/(?:x|ch|sh)$/.test(words)) return `${words}es`;
  return /[^aeiou]y$/.test(words) ? `${words.slice(0, -1)}ies` : `${words}s`;
}

function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
