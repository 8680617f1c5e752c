import { readProviders } from "../breakers/index.ts";
import { sizesOfProviders } from "../catalog/index.ts";
import { providers } from "./provider-schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

/** Which providers are called now, and which are not. */
export function registerProviderRoutes(scope: ApiScope, { database, catalog }: ApiParts): void {
  scope.get(
    "/providers",
    {
      config: { permission: "installation.read" },
      schema: {
        operationId: "listProviders",
        tags: ["installation"],
        summary: "Providers, and whether they are called now.",
        description:
          "A provider is the host that connections call, as its connector declares it. One that is away gets probes only; what is meant for it waits.",
        response: answers(providers),
      },
    },
    async () => ({ items: await readProviders(database.db, sizesOfProviders(catalog)) }),
  );
}
