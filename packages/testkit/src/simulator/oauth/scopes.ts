import type { Resource } from "@belay/sdk";

/** The scopes that a request to a resource needs and the token lacks. `granted` undefined: the provider knows no scopes. */
export function missingScopes({ scopes }: Resource, method: string, granted: readonly string[] | undefined): readonly string[] {
  if (granted === undefined) return [];
  const needed = (method === "GET" ? scopes?.read : scopes?.write) ?? [];
  return needed.filter((scope) => !granted.includes(scope));
}

/** @see RFC 6750, section 3.1 */
export function insufficientScope(missing: readonly string[]): Readonly<Record<string, string>> {
  return { "www-authenticate": `Bearer realm="api", error="insufficient_scope", scope="${missing.join(" ")}"` };
}
