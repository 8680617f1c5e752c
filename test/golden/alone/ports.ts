import { Secret } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import type { ClientPorts } from "@belay/sdk/http";
import type { ParseSystem } from "../systems/start-parse.ts";

type Credentials = NonNullable<ClientPorts["credentials"]>;

/** What a client needs, without a server around it. */
export function openPorts(credentials?: Credentials): ClientPorts & AsyncDisposable {
  const network = createNetwork();
  return {
    clock: systemClock,
    random: Math.random,
    network,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    ...(credentials && { credentials }),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

/** Logs in when the server refuses the session, as the vault does for a Belay. `counted.logins` counts. */
export function sessionOf(
  parse: ParseSystem,
  user: { readonly username: string; readonly password: string },
): Credentials & { readonly counted: { logins: number } } {
  const fixed = {
    applicationId: new Secret(parse.applicationId),
    username: new Secret(user.username),
    password: new Secret(user.password),
  };
  let current = { ...fixed, accessToken: new Secret("r:none-yet") };
  const counted = { logins: 0 };
  const refresh = async (): Promise<void> => {
    counted.logins += 1;
    const answer = await fetch(`${parse.url}/login`, {
      method: "POST",
      headers: { "x-parse-application-id": parse.applicationId, "x-parse-revocable-session": "1", "content-type": "application/json" },
      body: JSON.stringify(user),
    });
    const { sessionToken } = (await answer.json()) as { readonly sessionToken: string };
    current = { ...fixed, accessToken: new Secret(sessionToken) };
  };
  return { current: () => current, refresh, counted };
}
