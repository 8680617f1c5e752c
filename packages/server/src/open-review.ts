import type { Parts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";
import { defaultReviewOptions, type ReviewParts } from "./review/index.ts";
import { parseMasterKeys } from "./vault/index.ts";

const newBeforeOld = "Put a new one before the old one.";

/** What the access review of a process looks at. */
export function openReview(
  { database: { db }, cipher, clock, catalog, credentials }: Pick<Parts, "database" | "cipher" | "clock" | "catalog" | "credentials">,
  { accessReview, adminToken, oidc, masterKey }: Pick<BelayOptions, "accessReview" | "adminToken" | "oidc" | "masterKey">,
): ReviewParts {
  const tokens = typeof adminToken === "string" ? [adminToken] : adminToken;
  const secrets = typeof oidc?.clientSecret === "string" ? [oidc.clientSecret] : (oidc?.clientSecret ?? []);
  // Of a master key the name is enough: whoever makes another one gives it another.
  const { current } = typeof masterKey === "string" ? parseMasterKeys(masterKey) : masterKey;
  const environment = [
    ["BELAY_MASTER_KEY", [current]],
    ["BELAY_ADMIN_TOKEN", tokens],
    ["BELAY_OIDC_CLIENT_SECRET", secrets],
  ] as const;
  return {
    db,
    cipher,
    clock,
    catalog,
    credentials: credentials.book,
    options: { ...defaultReviewOptions, ...accessReview },
    environment: environment.flatMap(([name, [value]]) => (value === undefined ? [] : [{ tenant: "", name, value, remedy: newBeforeOld }])),
  };
}
