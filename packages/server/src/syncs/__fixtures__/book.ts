import { type Connection, defineConnector, Secret } from "@belay/sdk";
import { z } from "zod";

/** An address book that is listed by id, and tells what was changed since a time. */
export const book = defineConnector({
  id: "book",
  title: "Address book",
  baseUrl: "https://book.example",
  auth: { kind: "bearer" },
  resources: {
    person: {
      path: "/people",
      id: "id",
      schema: z.looseObject({ id: z.string(), updated: z.number() }),
      wrap: { many: "people" },
      list: {
        paging: { kind: "keyset", parameter: "after", more: "more" },
        size: { parameter: "limit", default: 100, max: 100 },
        order: { by: "id" },
        filters: { since: { field: "updated", test: "atLeast" } },
      },
      changes: { by: { kind: "field", field: "updated", filter: "since", format: "milliseconds", lookback: "1s" } },
    },
  },
});

/** A tenant's account of it. */
export function connectionOf(tenant: string): Connection {
  return { id: `${tenant}-book`, tenant, connector: "book", credential: { token: new Secret("x") } };
}
