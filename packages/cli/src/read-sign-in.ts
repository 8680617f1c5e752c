import type { BelayOptions } from "@belay/server";
import { invalidOption, secretsIn } from "./read-option.ts";

const roles = ["admin", "engineer", "support"] as const;

/**
 * How operators reach and enter the server, from the environment. `BELAY_OIDC_ROLES` says which groups make somebody what: `belay-admins=admin,developers=engineer`, with
 * `BELAY_OIDC_CLAIM` where the groups are in another claim than `groups`. `BELAY_OIDC_CLIENT_SECRET` takes several, with a space between them, while one is rotated.
 *
 * @throws `CLI_OPTION_INVALID`.
 */
export function readSignIn(environment: Readonly<Record<string, string | undefined>>): Pick<BelayOptions, "publicUrl" | "oidc"> {
  const { BELAY_PUBLIC_URL: publicUrl, BELAY_OIDC_ISSUER: issuer, BELAY_OIDC_CLAIM: claim } = environment;
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) throw invalidOption("BELAY_PUBLIC_URL", `takes a URL; this was "${publicUrl}".`);
  const reached = publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/+$/, "") };
  if (issuer === undefined) return reached;
  if (!URL.canParse(issuer)) throw invalidOption("BELAY_OIDC_ISSUER", `takes a URL; this was "${issuer}".`);
  const { BELAY_OIDC_CLIENT_ID: clientId, BELAY_OIDC_ROLES: list } = environment;
  const [clientSecret, ...olderSecrets] = secretsIn(environment["BELAY_OIDC_CLIENT_SECRET"]);
  if (clientId === undefined || clientSecret === undefined || list === undefined)
    throw invalidOption("BELAY_OIDC_ISSUER", "needs BELAY_OIDC_CLIENT_ID, BELAY_OIDC_CLIENT_SECRET and BELAY_OIDC_ROLES beside it.");
  return {
    ...reached,
    oidc: {
      issuer,
      clientId,
      clientSecret: [clientSecret, ...olderSecrets],
      roles: readRoles(list),
      ...(claim !== undefined && { claim }),
    },
  };
}

function readRoles(list: string): Record<(typeof roles)[number], string[]> {
  const read: Record<(typeof roles)[number], string[]> = { admin: [], engineer: [], support: [] };
  for (const pair of list.split(",")) {
    const at = pair.lastIndexOf("=");
    const role = roles.find((name) => name === pair.slice(at + 1).trim());
    if (at < 1 || role === undefined)
      throw invalidOption("BELAY_OIDC_ROLES", `takes group=role, of ${roles.join(", ")}; this was "${pair}".`);
    read[role].push(pair.slice(0, at).trim());
  }
  return read;
}
