import { fieldsOf, Secret, validate, valueAt } from "@belay/sdk";
import type { AnyConnector } from "@belay/sdk";
import type { UnifiedMapping } from "@belay/sdk/models";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { inProcessNetwork, simulate } from "@belay/testkit";
import { describe, expect, it } from "vitest";
import { connectors } from "./connectors.ts";
import { people, type Person } from "./people.ts";
import { asCarddav, asParse } from "./provider-records.ts";

const cases = connectors.flatMap((connector) =>
  (connector.mappings ?? []).map(
    (mapping) => [`${connector.id}.${mapping.resource} to ${mapping.model.model}`, connector, mapping] as const,
  ),
);

/** Those of connectors that the simulator does not speak for: cards are no JSON, and to Parse Server one has to log in. */
const writers: Readonly<Record<string, (person: Person, index: number) => object>> = { carddav: asCarddav, parse: asParse };

/** Records as the simulator makes them up from the resource's schema, read by the client. */
async function recordsOf(connector: AnyConnector, { resource }: UnifiedMapping): Promise<readonly object[]> {
  const write = writers[connector.id];
  if (write !== undefined) return people.map(write);
  const fields = Object.fromEntries(fieldsOf(connector.auth).needed.map((name) => [name, new Secret("t")]));
  const accounts = { acme: fields } as never;
  const simulator = await simulate(connector, { accounts, records: { [resource]: 30 }, seed: 11, listen: false });
  const connection = { id: "acme", tenant: "acme", connector: connector.id, baseUrl: simulator.url("acme"), credential: fields };
  const client = createClient(connector, connection, {
    network: inProcessNetwork([simulator]),
    clock: systemClock,
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  }) as unknown as Readonly<Record<string, Listed & { readonly in: (place: object) => Listed }>>;
  const { place = {} } = simulator.records(resource)[0] ?? {};
  const reached = Object.keys(place).length > 0 ? client[resource]?.in(place) : client[resource];
  const records: object[] = [];
  for await (const record of reached?.list() ?? []) records.push(record);
  await simulator.close();
  expect(records.length).toBeGreaterThan(0);
  return records;
}

interface Listed {
  readonly list: () => AsyncIterable<object>;
}

/** The record, and the paths of what is read of it. A list counts as one field. */
function watched(record: object): { readonly record: object; readonly paths: ReadonlySet<string> } {
  const paths = new Set<string>();
  const watch = (value: object, path: string): object =>
    new Proxy(value, {
      get: (target, name) => {
        const inner: unknown = Reflect.get(target, name);
        if (typeof name !== "string") return inner;
        const at = path === "" ? name : `${path}.${name}`;
        if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) return watch(inner, at);
        paths.add(at);
        return inner;
      },
    });
  return { record: watch(record, ""), paths };
}

describe.each(cases)("%s", (_name, connector, mapping) => {
  it("makes records of the model from whatever its schema lets through, the same each time", async () => {
    for (const record of await recordsOf(connector, mapping)) {
      const before = JSON.stringify(record);
      const data = mapping(record as never, {});
      expect(mapping(record as never, {})).toEqual(data);
      expect(JSON.stringify(record)).toBe(before);
      if (data !== undefined) expect(await validate(mapping.model.schema, data)).toEqual({ value: data });
    }
  });

  it("says truly which of the provider's fields each of ours is made of", async () => {
    const declared = [...Object.values(mapping.lineage).flat(), ...judged];
    for (const original of await recordsOf(connector, mapping)) {
      const { record, paths } = watched(original);
      mapping(record as never, {});
      // Of what is null, or is a list, only the name is seen.
      const isSaid = (path: string): boolean =>
        declared.some((known) => path === known || path.startsWith(`${known}.`) || known.startsWith(`${path}.`));
      expect([...paths].filter((path) => !isSaid(path))).toEqual([]);
    }
  });

  it("writes back what it has read, so that it is read again as the same", async () => {
    const { fieldsIn } = connector.resources[mapping.resource] ?? {};
    for (const record of await recordsOf(connector, mapping)) {
      const data = mapping(record as never, {}) as Readonly<Record<string, unknown>> | undefined;
      if (data === undefined) continue;
      const unread = new Set((data["unread"] as readonly { field: string }[]).map(({ field }) => field.split(".")[0]));
      const written = Object.fromEntries(mapping.writable.filter((name) => !unread.has(name)).map((name) => [name, data[name]]));
      const { input } = mapping.toProvider(written, { creating: false });
      const after =
        fieldsIn === undefined
          ? { ...record, ...input }
          : { ...record, [fieldsIn]: { ...(valueAt(record, fieldsIn) as object), ...input } };
      const again = mapping(after as never, {}) as Readonly<Record<string, unknown>>;
      for (const name of Object.keys(written).filter((each) => !inexact.has(`${mapping.resource}.${each}`)))
        expect([name, again[name]]).toEqual([name, data[name]]);
    }
  });
});

/** What decides whether a record is one of the model's at all makes none of its fields. */
const judged = ["role", "pull_request"];

/** The provider has another member for what is written than for what is read. */
const inexact = new Set(["ticket.description"]);
