import { createNetwork } from "@belay/sdk/http";
import type { ConnectParts } from "./connect/index.ts";
import type { Closer, Parts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";
import { reachProviders } from "./reach-providers.ts";

export interface Connecting extends ConnectParts {
  /** Called when it is known where the server listens: links begin with that, unless `publicUrl` says otherwise. */
  readonly listensAt: (url: string) => void;
}

type Needed = Pick<Parts, "catalog" | "cipher" | "connections" | "credentials" | "clock" | "random" | "logger" | "database">;

/** What people connect with in this process, and what gives accounts up. */
export function openConnecting(parts: Needed, options: BelayOptions, closers: Closer[]): Connecting {
  const { catalog, cipher, connections, credentials, clock, random, logger, database } = parts;
  const network = createNetwork();
  closers.push(async () => await network[Symbol.asyncDispose]());
  let listening = "";
  return {
    db: database.db,
    cipher,
    catalog,
    connections,
    credentials: credentials.book,
    provider: reachProviders({ catalog, network, clock, random }),
    clock,
    logger,
    publicUrl: () => options.publicUrl ?? listening,
    returnOrigins: options.returnOrigins ?? [],
    listensAt: (url) => {
      listening = url;
    },
  };
}
