import type { Config, OAuthClient, Secret } from "@belay/sdk";
import { oauthError } from "./oauth-error.ts";

/**
 * The client that speaks for a connection: that of its own credential, or else the configuration's for the connector.
 *
 * @throws `OAUTH_CLIENT_MISSING` naming the field of the configuration.
 */
export function clientFor(
  { oauthClients = {} }: Pick<Config, "oauthClients">,
  connector: string,
  fields: Readonly<Record<string, Secret>> = {},
): OAuthClient {
  const { clientId, clientSecret } = fields;
  if (clientId !== undefined) return { id: clientId.reveal(), secrets: clientSecret === undefined ? [] : [clientSecret] };
  const client = oauthClients[connector];
  if (client !== undefined) return client;
  const field = `oauthClients.${connector}`;
  throw oauthError("OAUTH_CLIENT_MISSING", `${field}: is missing in the configuration. Give the id and secret of your application.`, {
    details: { field },
  });
}
