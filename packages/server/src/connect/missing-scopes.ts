import type { AnyConnector } from "@belay/sdk";

/** What of a resource does not work, and which scopes it would take. */
export interface DisabledUse {
  readonly resource: string;
  readonly use: "read" | "write";
  readonly missing: readonly string[];
}

/** What scopes that were not granted keep from working. @param granted `undefined`: nobody said; then nothing is known to be missing. */
export function findDisabledUses({ resources }: AnyConnector, granted: readonly string[] | undefined): DisabledUse[] {
  if (granted === undefined) return [];
  return Object.entries(resources).flatMap(([resource, { scopes = {} }]) =>
    (["read", "write"] as const).flatMap((use) => {
      const missing = (scopes[use] ?? []).filter((scope) => !granted.includes(scope));
      return missing.length === 0 ? [] : [{ resource, use, missing }];
    }),
  );
}

/** Everything that the connector's resources need, each once. */
export function requiredScopes({ resources }: AnyConnector): string[] {
  return [...new Set(Object.values(resources).flatMap(({ scopes = {} }) => [...(scopes.read ?? []), ...(scopes.write ?? [])]))];
}
