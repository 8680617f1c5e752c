import type { AnyConnector, Connection, WriteSafety } from "@belay/sdk";
import { type BaseUrl, type ConnectionPorts, type Method, openPipeline, type Send } from "@belay/sdk/http";
import { BookCredentials, type CredentialSource } from "./book-credentials.ts";
import { declaredSafety } from "./write-safety.ts";

/** A connection, ready to be called. */
export interface OpenConnection {
  readonly connection: Connection;
  readonly connector: AnyConnector;
  readonly base: BaseUrl;
  readonly send: Send;
  readonly credentials: BookCredentials;
  readonly safetyOf: (method: Method, path: string) => WriteSafety;
}

/**
 * Opens connections when they are first called, and keeps them. Another definition of the same connection, after a reload, is opened anew; what was opened for the one
 * before is forgotten with it.
 */
export function openConnections(
  ports: ConnectionPorts,
  book: CredentialSource,
): (connector: AnyConnector, connection: Connection) => OpenConnection {
  const known = new WeakMap<Connection, OpenConnection>();
  const safeties = new WeakMap<AnyConnector, OpenConnection["safetyOf"]>();
  return (connector, connection) => {
    const before = known.get(connection);
    if (before?.connector === connector) return before;
    const safetyOf = safeties.get(connector) ?? declaredSafety(connector);
    safeties.set(connector, safetyOf);
    const credentials = new BookCredentials(book, connection);
    const opened = {
      connection,
      connector,
      safetyOf,
      credentials,
      ...openPipeline(connector, connection, { ...ports, credentials }),
    };
    known.set(connection, opened);
    return opened;
  };
}
