import { z } from "zod";
import { defineConnector } from "../../connector/define-connector.ts";
import type { BulkOperation, BulkSafety } from "../../connector/bulk.ts";
import type { ErrorRow, Resource } from "../../connector/types.ts";
import { json, startProvider } from "./local-provider.ts";
import type { LocalProvider, Received } from "./local-provider.ts";

const record = z.object({ id: z.number(), name: z.string() });
const input = z.object({ name: z.string().min(1) });
const find = { by: ["name"], style: { kind: "query" } } as const;
const bulk = { path: "/api/things/batch", most: 3, items: "inputs" } as const;

function thing(createMany: BulkOperation & { readonly safety: BulkSafety }) {
  return {
    path: "/api/things",
    id: "id",
    schema: record,
    wrap: { many: "things" },
    find,
    create: { input, safety: { kind: "readBack", readBack: { by: "name" } } },
    createMany,
    update: { input, method: "PATCH", safety: { kind: "natural" } },
    updateMany: {
      ...bulk,
      path: "/api/things/batch/update",
      outcomes: { results: "results", match: { field: "id", at: "id" }, errors: { in: "errors", match: { token: "of" } } },
      item: { token: "ref" },
      safety: { kind: "natural" },
    },
    upsertMany: {
      ...bulk,
      path: "/api/things/batch/upsert",
      input,
      by: "name",
      item: { id: "id", token: "ref", constants: { idProperty: "name" } },
      outcomes: { results: "results", match: { token: "ref" }, errors: { in: "errors", match: { token: "of" } } },
      safety: { kind: "natural" },
    },
  } as const satisfies Resource;
}

const errors = [
  { status: 422, contains: "bad name", code: "DESK_NAME_BAD", class: "record-refused", retry: "never", meaning: "The name is bad." },
] as const satisfies readonly ErrorRow[];

/** A provider whose calls for many tell outcomes in a list of results and one of errors, and know no keys. */
export const looking = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  errors,
  resources: {
    thing: thing({
      ...bulk,
      item: { token: "ref" },
      outcomes: {
        results: "results",
        match: { field: "name", at: "name" },
        errors: { in: "errors", match: { token: "of" } },
        status: { at: "kind", values: { BAD: 422, BUSY: 503 } },
      },
      safety: { kind: "readBack", readBack: { by: "name" } },
    }),
  },
});

/** One that answers in the order of the items, and remembers a key of each. */
export const keyed = defineConnector({
  ...looking,
  resources: {
    thing: thing({
      ...bulk,
      outcomes: { results: "results", match: "position", record: "body", status: { at: "status" } },
      safety: { kind: "itemKey", member: "key", keptFor: "1d" },
    }),
  },
});

interface SentItem {
  readonly name: string;
  readonly key?: string;
  readonly ref?: string;
  readonly id?: string | number;
}

/** What a call for many ends with. `silent`: committed, and nothing is said of the items with these names. */
export type Fate = "answer" | "commit, then reset" | "reset" | "500" | "422" | { readonly silent: readonly string[] };

export interface BulkDesk extends AsyncDisposable {
  readonly provider: LocalProvider;
  readonly kept: { id: number; name: string }[];
  /** Names of the items of each call for many. */
  readonly calls: () => readonly (readonly string[])[];
  /** Lets a call through that was held. */
  release(): void;
}

/** Refuses names that begin with "bad", is too busy for those with "busy". With `hold` no call for many is answered before it is released. */
export async function startBulkDesk(shape: "lists" | "positions", fates: Fate[] = [], hold = false): Promise<BulkDesk> {
  const kept: { id: number; name: string }[] = [];
  const byKey = new Map<string, { id: number; name: string }>();
  const held: (() => void)[] = [];
  const commit = ({ name, key, id }: SentItem): { id: number; name: string } => {
    const known =
      (key === undefined ? undefined : byKey.get(key)) ?? kept.find((one) => one.id === id || (id === name && one.name === name));
    if (known !== undefined) return Object.assign(known, { name });
    const made = { id: kept.length + 1, name };
    kept.push(made);
    if (key !== undefined) byKey.set(key, made);
    return made;
  };
  const provider = await startProvider((received, response, request) => {
    if (received.method === "GET") return json(response, 200, { things: kept });
    const answerNow = (): void => {
      const { inputs } = JSON.parse(received.body) as { inputs: SentItem[] };
      const fate = fates.shift() ?? "answer";
      if (fate === "reset") return void request.socket.destroy();
      if (fate === "500" || fate === "422") return json(response, Number(fate), { error: "as a whole" });
      const silent = typeof fate === "object" ? fate.silent : [];
      const body = shape === "lists" ? inLists(inputs, commit, silent) : inPlaces(inputs, commit);
      if (fate === "commit, then reset") return void request.socket.destroy();
      return json(response, 207, body);
    };
    if (hold) held.push(answerNow);
    else answerNow();
    return undefined;
  });
  return {
    provider,
    kept,
    calls: () =>
      provider.received.filter(isBulk).map(({ body }) => (JSON.parse(body) as { inputs: SentItem[] }).inputs.map(({ name }) => name)),
    release: () => held.shift()?.(),
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

function isBulk({ url }: Received): boolean {
  return url.startsWith(bulk.path);
}

function inLists(inputs: readonly SentItem[], commit: (item: SentItem) => object, silent: readonly string[]): object {
  const failed = inputs.filter(({ name }) => /^(bad|busy)/.test(name));
  const done = inputs.filter((item) => !failed.includes(item)).map((item) => ({ ...commit(item), ref: item.ref, name: item.name }));
  return {
    // Not in the order of the items, as no provider promises it.
    results: done.filter(({ name }) => !silent.includes(name)).toReversed(),
    errors: failed.map(({ name, ref }) => ({ kind: name.startsWith("bad") ? "BAD" : "BUSY", of: [ref], message: "bad name" })),
  };
}

function inPlaces(inputs: readonly SentItem[], commit: (item: SentItem) => object): object {
  const results = inputs.map((item) =>
    item.name.startsWith("bad") ? { status: 422, error: "bad name" } : { status: 201, body: commit(item) },
  );
  return { results };
}
