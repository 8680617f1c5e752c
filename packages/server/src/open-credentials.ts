import { createNetwork, systemClock } from "@belay/sdk/http";
import { credentialErrors, keepCredentials, type KeptCredentials, oauthRenewer } from "./credentials/index.ts";
import type { Db } from "./db/index.ts";
import { resumeMailboxes } from "./mailbox/index.ts";
import { oauthErrors } from "./oauth/index.ts";
import type { Closer, Parts } from "./open-parts.ts";

/** Opens the credentials of a process. They have a network of their own: what renews them must not wait behind the calls that need them. */
export function openCredentials(
  parts: Pick<Parts, "catalog" | "cipher" | "clock" | "random" | "logger"> & { readonly db: Db },
  closers: Closer[],
): KeptCredentials {
  const { catalog, clock } = parts;
  const network = createNetwork();
  closers.push(async () => await network[Symbol.asyncDispose]());
  const causes = [...Object.keys(credentialErrors), ...Object.keys(oauthErrors)];
  const credentials = keepCredentials({
    ...parts,
    // Its time is the product's; what it waits for is a socket.
    renewer: oauthRenewer({ catalog, network, clock: { now: () => clock.now(), sleep: systemClock.sleep } }),
    connections: () => catalog.connections,
    onUsable: async (tx, tenant) => void (await resumeMailboxes(tx, tenant, causes)),
  });
  closers.push(async (graceMs) => await credentials.close(graceMs));
  return credentials;
}
