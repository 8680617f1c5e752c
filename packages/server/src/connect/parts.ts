import type { Connection } from "@belay/sdk";
import type { CatalogInForce } from "../catalog/index.ts";
import type { ConnectionFollower } from "../connections/index.ts";
import type { CredentialBook } from "../credentials/index.ts";
import type { Db } from "../db/index.ts";
import type { Grant, RevokeOutcome, TokenOutcome } from "../oauth/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { Trial } from "./try-credential.ts";

export type Fields = Grant["fields"];

/** Who talks to the providers about access; registered by `main.ts`. Never rejects for what a provider or the network does, `begin` aside. */
export interface ProviderSide {
  /** Where to send a user who shall agree. */
  begin(
    connection: Connection,
    request: { readonly redirectUri: string; readonly state: string; readonly scopes: readonly string[] },
  ): Promise<{ readonly url: string; readonly codeVerifier: string }>;
  /** Makes a grant of what the browser brought back. */
  exchange(
    connection: Connection,
    answer: {
      readonly callbackUrl: string;
      readonly redirectUri: string;
      readonly state: string;
      readonly codeVerifier: string;
      readonly scopes: readonly string[];
    },
  ): Promise<TokenOutcome>;
  /** Makes a grant of what somebody filled in, for a credential that is a way to get tokens. */
  obtain(connection: Connection, fields: Fields): Promise<TokenOutcome>;
  revoke(connection: Connection, fields: Fields): Promise<RevokeOutcome>;
  /** Makes the cheapest call that the connector knows, with a credential that is not stored yet. */
  tryOut(connection: Connection, fields: Fields): Promise<Trial>;
  /** Whether the configuration has what the provider wants to know of the application. */
  hasClient(connector: string): boolean;
}

export interface ConnectParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: CatalogInForce;
  readonly connections: Pick<ConnectionFollower, "sync">;
  readonly credentials: Pick<CredentialBook, "store" | "forget" | "reveal">;
  readonly provider: ProviderSide;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where browsers reach this server, without a slash at the end. */
  readonly publicUrl: () => string;
  /** Origins to which a browser may be sent back. That of `publicUrl`, and this machine's while that is this machine, are always among them. */
  readonly returnOrigins: readonly string[];
}
