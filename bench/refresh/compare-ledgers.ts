import type { TokenEntry } from "../../test/oauth/ledger.ts";
import type { Interrupted } from "./fleet.ts";

/** How a connection stands in Belay's table in the end. */
export interface Standing {
  readonly connection: string;
  readonly version: number;
  readonly state: string;
  readonly code: string | null;
}

export interface Compared {
  readonly figures: {
    readonly expiries: number;
    readonly refreshes: number;
    readonly extraRefreshes: number;
    readonly grantsLost: number;
    readonly grantsLostUnexplained: number;
  };
  readonly violations: readonly string[];
}

/**
 * Compares Belay's table with the provider's own ledger, which is the judge.
 *
 * An *expiry* is a credential that came to be renewed: each refresh token that the provider saw is one. It has one *refresh*, that is granted; what the provider saw of the same
 * token beyond that is *extra*, unless the first call's answer never arrived and the token had to be shown again to know. A grant is *lost* when the table says that
 * the account has to be connected again; that is explained when the provider has granted more than the table got, and the call was one that a kill interrupted or
 * whose answer was cut off.
 */
export function compareLedgers(
  entries: readonly TokenEntry[],
  standings: readonly Standing[],
  grantOf: ReadonlyMap<string, string>,
  interrupted: readonly Interrupted[],
): Compared {
  const refreshes = entries.filter(({ grantType }) => grantType === "refresh_token");
  const byGrant = Map.groupBy(refreshes, ({ grantId }) => grantId ?? "");
  const violations: string[] = [];
  const figures = { expiries: 0, refreshes: 0, extraRefreshes: 0, grantsLost: 0, grantsLostUnexplained: 0 };
  for (const { connection, version, state, code } of standings) {
    const own = byGrant.get(grantOf.get(connection) ?? "") ?? [];
    const granted = own.filter(({ outcome }) => outcome === "granted");
    const shown = new Set(own.map((entry) => entry.shown));
    // The first version came of the consent.
    const stored = version - 1;
    const isConsumed = granted.length > stored;
    const isLost = state === "needs_reconnect";
    const again = own.length - shown.size;
    figures.expiries += shown.size;
    figures.refreshes += granted.length;
    figures.extraRefreshes += Math.max(0, again - (isConsumed ? 1 : 0));
    if (isConsumed !== isLost)
      violations.push(`${connection}: the provider granted ${granted.length}, the table has ${stored}; it says ${state}.`);
    if (!isLost && state !== "connected") violations.push(`${connection} is ${state} (${code}) although the provider is well.`);
    if (!isLost) continue;
    figures.grantsLost += 1;
    const wasKilled = interrupted.some((each) => each.connection === connection && each.version === version);
    const wasCut = granted.at(-1)?.answered === false;
    if (isConsumed && granted.length === stored + 1 && (wasKilled || wasCut) && code === "CREDENTIAL_ANSWER_LOST") continue;
    figures.grantsLostUnexplained += 1;
    violations.push(
      `${connection}: lost in version ${version} as ${code}; killed: ${wasKilled}, cut: ${wasCut}, granted ${granted.length}.`,
    );
  }
  if (figures.extraRefreshes > 0) violations.push(`${figures.extraRefreshes} refreshes were one too many.`);
  return { figures, violations };
}
