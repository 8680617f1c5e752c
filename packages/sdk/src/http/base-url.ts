import type { ConnectorDefinition } from "../connector/types.ts";
import type { Connection } from "../config/define-config.ts";
import { httpError } from "./errors.ts";
import type { BelayError } from "../errors/belay-error.ts";

export interface BaseUrl {
  /** `https://host:port`, normalised: an address in disguise (`0x7f.1`) has become what it is. */
  readonly origin: string;
  /** Goes before every path; empty or without a slash at its end. */
  readonly path: string;
}

/**
 * Where a connection's calls go: its own base URL, or the connector's with the settings filled in.
 *
 * @throws `CLIENT_CONNECTION_INVALID` naming the setting or the URL.
 */
export function resolveBaseUrl(connector: ConnectorDefinition, connection: Connection): BaseUrl {
  const refuse = (text: string): BelayError => httpError("CLIENT_CONNECTION_INVALID", `Connection "${connection.id}", ${text}`);
  const filled = (connection.baseUrl ?? connector.baseUrl).replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => {
    const value = connection.settings?.[name];
    if (value === undefined) throw refuse(`settings.${name}: is missing; the base URL needs it.`);
    // Anything else could end the host and begin another one.
    if (!/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value))
      throw refuse(`settings.${name}: use letters, digits, dots and dashes only.`);
    return value;
  });
  if (!URL.canParse(filled)) throw refuse("baseUrl: is not a URL.");
  const url = new URL(filled);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("baseUrl: start with https://.");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw refuse("baseUrl: leave out user, query and fragment.");
  }
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") };
}
