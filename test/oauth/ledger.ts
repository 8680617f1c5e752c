import { createHash } from "node:crypto";
import type { Context, Provider } from "oidc-provider";

/** One request at the token endpoint as the authorization server judged it. */
export interface TokenEntry {
  readonly grantType: string;
  readonly grantId: string | undefined;
  /** SHA-256, in hexadecimal digits, of the refresh token that was shown. */
  readonly shown: string | undefined;
  /** `reused`: a refresh token that was used up, which ended the whole grant. */
  readonly outcome: "granted" | "refused" | "reused";
  /** The server's code where it refused. */
  readonly error: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Whether the whole answer was handed to the network; undefined while it is held. */
  answered: boolean | undefined;
}

/** What the authorization server itself knows: the truth that a client's accounts are compared with. */
export interface Ledger {
  /** In the order in which they were judged. */
  readonly tokens: readonly TokenEntry[];
  /** Ids of the grants that were ended, by reuse, by revocation, or by the test. */
  readonly revoked: ReadonlySet<string>;
  /** Those of `tokens` in which a refresh token was used with success. */
  refreshes(): readonly TokenEntry[];
  /** Those of `refreshes()` whose answer never left: the grants that nobody can save where tokens rotate. */
  lost(): readonly TokenEntry[];
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Writes down what a provider does. */
export function keepLedger(provider: Provider): Ledger & { readonly revoked: Set<string> } {
  const tokens: TokenEntry[] = [];
  const revoked = new Set<string>();
  const write = (context: Context, outcome: TokenEntry["outcome"], error?: string): void => {
    const { params = {}, entities } = context.oidc ?? { entities: {} };
    const shown = params["refresh_token"];
    const entry: TokenEntry = {
      grantType: params["grant_type"] ?? "",
      grantId: entities.RotatedRefreshToken?.grantId ?? entities.RefreshToken?.grantId ?? entities.Grant?.jti,
      shown: shown === undefined ? undefined : digestOf(shown),
      outcome,
      error,
      at: Date.now(),
      answered: undefined,
    };
    tokens.push(entry);
    context.res.once("close", () => void (entry.answered = context.res.writableFinished));
  };
  provider.on("grant.success", (context) => write(context, "granted"));
  provider.on("grant.error", (context, { error, error_detail: detail }) =>
    write(context, detail === "refresh token already used" ? "reused" : "refused", error),
  );
  provider.on("grant.revoked", (_context, grantId) => revoked.add(grantId));
  const refreshes = (): readonly TokenEntry[] =>
    tokens.filter(({ grantType, outcome }) => grantType === "refresh_token" && outcome === "granted");
  return { tokens, revoked, refreshes, lost: () => refreshes().filter(({ answered }) => answered === false) };
}
