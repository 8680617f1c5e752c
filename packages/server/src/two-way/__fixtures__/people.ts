import { defineConnector, defineSync, defineTwoWay } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { z } from "zod";

const person = z.object({ id: z.string(), name: z.string() });
const model = { model: "contact", schema: z.object({ name: z.string() }) };

function syncOf(id: string) {
  const { person: source } = defineConnector({
    id,
    title: id,
    baseUrl: `https://${id}.example`,
    auth: { kind: "bearer" },
    resources: { person: { path: "/people", id: "id", schema: person, list: { paging: { kind: "none" } } } },
  });
  return defineSync({ id, source, target: model, identity: standardRules, map: ({ name }) => ({ name }) });
}

const write = ({ name }: { readonly name?: string }) => ({ name });

/** People by name, of the connectors `crm` and `book`. */
export const people = defineTwoWay<{ readonly name: string }>({
  id: "people",
  a: { sync: syncOf("crm"), write },
  b: { sync: syncOf("book"), write },
});
