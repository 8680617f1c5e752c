import { refuseSetting } from "../connector/placeholders.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import type { Connection } from "../config/define-config.ts";
import { httpError } from "./errors.ts";
import type { BelayError } from "../errors/belay-error.ts";
import { isHostOf, isMetadataName } from "./url-guard.ts";

export interface BaseUrl {
  /** `https://host:port`, normalised: an address in disguise (`0x7f.1`) has become what it is. */
  readonly origin: string;
  /** Goes before every path; empty or without a slash at its end. */
  readonly path: string;
}

/**
 * Where a connection's calls go: its own base URL, or the connector's with the settings filled in. The connector's leads to https and to the connector's `hosts`; plain
 * http is for hosts that an operator names as the connection's own.
 *
 * @throws `CLIENT_CONNECTION_INVALID` naming the setting or the URL.
 */
export function resolveBaseUrl(connector: ConnectorDefinition, connection: Connection): BaseUrl {
  const refuse = (text: string): BelayError => httpError("CLIENT_CONNECTION_INVALID", `Connection "${connection.id}", ${text}`);
  const own = connection.baseUrl;
  const filled = own ?? fillSettings(connector, connection, refuse);
  if (!URL.canParse(filled)) throw refuse("baseUrl: is not a URL.");
  const url = new URL(filled);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("baseUrl: start with https://.");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw refuse("baseUrl: leave out user, query and fragment.");
  }
  if (isMetadataName(url.hostname)) throw refuse("baseUrl: this host gives out the credentials of machines and is never called.");
  if (own === undefined && url.protocol === "http:")
    throw refuse(`baseUrl: connector "${connector.id}" has an address without encryption; write https://.`);
  if (own === undefined && !isHostOf(connector, url.hostname))
    throw refuse(`settings: they lead to ${url.hostname}, which is none of the hosts of "${connector.id}".`);
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") };
}

/**
 * What fails together when the provider fails: the host of the connection's own base URL, or that of the connector's as it is declared. Where every account has a
 * host of its own (`{subdomain}.zendesk.com`) they are one provider all the same.
 */
export function providerOf(connector: Pick<ConnectorDefinition, "baseUrl">, connection: Pick<Connection, "baseUrl">): string {
  const url = connection.baseUrl ?? connector.baseUrl;
  return url
    .replace(/^https?:\/\//i, "")
    .replace(/[/?#].*$/, "")
    .toLowerCase();
}

function fillSettings(connector: ConnectorDefinition, { settings }: Connection, refuse: (text: string) => BelayError): string {
  return connector.baseUrl.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => {
    const value = settings?.[name];
    if (value === undefined) throw refuse(`settings.${name}: is missing; the base URL needs it.`);
    const remedy = refuseSetting(connector.baseUrl, name, value);
    if (remedy !== undefined) throw refuse(`settings.${name}: ${remedy}`);
    return value;
  });
}
