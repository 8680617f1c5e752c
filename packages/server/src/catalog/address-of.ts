import { resolveBaseUrl } from "@belay/sdk/http";
import type { Catalog } from "./catalog.ts";

/** Where the calls of a connection go. @returns a function that gives `undefined` for a connection that is not, or no longer, in the configuration. */
export function addressOf(catalog: Catalog): (connection: string) => { readonly host: string; readonly port: number } | undefined {
  return (id) => {
    const connection = catalog.connections.get(id);
    const connector = catalog.connectors.get(connection?.connector ?? "");
    if (connection === undefined || connector === undefined) return undefined;
    try {
      const { hostname, port, protocol } = new URL(resolveBaseUrl(connector, connection).origin);
      return { host: hostname, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
    } catch {
      return undefined; // whoever calls the provider is told what is wrong with it
    }
  };
}
