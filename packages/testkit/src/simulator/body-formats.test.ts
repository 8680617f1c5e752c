import { defineConnector } from "@belay/sdk";
import type { Resource } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { collect, drive, token } from "./__fixtures__/drive.ts";
import { inProcessNetwork, simulate } from "./index.ts";
import type { SimulatorOptions } from "./index.ts";

const base = {
  id: "id",
  schema: z.object({ id: z.coerce.number(), name: z.string(), amount: z.coerce.number() }),
  create: { input: z.object({ name: z.string(), amount: z.coerce.number() }), safety: { kind: "natural" } },
  get: {},
  delete: {},
} as const satisfies Omit<Resource, "path">;
const file = z.object({ filename: z.string(), contentType: z.string().optional(), content: z.instanceof(Uint8Array) });

const formats = defineConnector({
  id: "formats",
  title: "Every format",
  baseUrl: "https://formats.example",
  auth: { kind: "bearer" },
  bodies: "xml",
  resources: {
    invoice: {
      ...base,
      path: "/invoices",
      wrap: { one: "invoice", many: "invoices.invoice" },
      update: { input: z.object({ name: z.string() }), method: "PUT", safety: { kind: "natural" } },
      list: {
        paging: { kind: "page", parameter: "page", end: { total: "invoices.@total" } },
        size: { parameter: "n", default: 3, max: 3 },
      },
    },
    row: { ...base, path: "/rows", bodies: { sent: "csv", received: "csv", csv: { delimiter: ";" } }, list: { paging: { kind: "none" } } },
    line: { ...base, path: "/lines", bodies: "ndjson", list: { paging: { kind: "none" } } },
    /** Written one by one in JSON, exported in CSV. */
    exported: {
      ...base,
      path: "/exported",
      bodies: "json",
      list: {
        bodies: "csv",
        paging: { kind: "offset", parameter: "offset", end: { emptyPage: true } },
        size: { parameter: "n", default: 2, max: 2 },
      },
    },
    document: {
      id: "id",
      path: "/documents",
      bodies: "multipart",
      schema: z.object({ id: z.number(), title: z.string(), labels: z.array(z.string()) }),
      create: { input: z.object({ title: z.string(), labels: z.array(z.string()), file }), safety: { kind: "natural" } },
      get: {},
    },
    note: { ...base, path: "/notes", bodies: "form" },
  },
  simulator: { resources: { document: { computed: () => ({ file: undefined }) } } },
});

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(formats, { accounts: { acme: { token } }, listen: false, ...options });
  return { simulator, client: drive(formats, simulator) };
}

const written = { name: 'Röm & "Söhne" <AG>; \n2', amount: 12.5 };

describe("each format goes there and comes back", () => {
  test("XML, with one record, many, and none in the listing", async () => {
    const { client, simulator } = await start();
    expect(await collect(client.invoice.list())).toEqual([]);
    const { id } = await client.invoice.create(written);
    expect(await client.invoice.get(id)).toEqual({ id, ...written });
    expect(await collect(client.invoice.list())).toEqual([{ id, ...written }]);
    for (let n = 0; n < 7; n += 1) await client.invoice.create({ name: `N${n}`, amount: n });
    expect((await collect(client.invoice.list())).map(({ name }) => name)).toEqual([
      written.name,
      "N0",
      "N1",
      "N2",
      "N3",
      "N4",
      "N5",
      "N6",
    ]);
    expect(await client.invoice.update(id, { name: "New" })).toEqual({ id, name: "New", amount: 12.5 });
    await client.invoice.delete(id);
    expect(await client.invoice.get(id)).toBeUndefined();
    expect(simulator.history()[1]?.headers).toMatchObject({ "content-type": "application/xml", accept: "application/xml" });
  });

  test.each(["row", "line"] as const)("%s", async (name) => {
    const { client } = await start();
    expect(await collect(client[name].list())).toEqual([]);
    const { id } = await client[name].create(written);
    for (let n = 0; n < 250; n += 1) await client[name].create({ name: `N${n}`, amount: n });
    const all = await collect(client[name].list());
    expect(all).toHaveLength(251);
    expect(all[0]).toEqual({ id, ...written });
    expect(await client[name].get(id)).toEqual({ id, ...written });
  });

  test("CSV in listings alone, page by page", async () => {
    const { client } = await start();
    for (let n = 0; n < 5; n += 1) await client.exported.create({ name: `N${n}`, amount: n });
    expect((await collect(client.exported.list())).map(({ amount }) => amount)).toEqual([0, 1, 2, 3, 4]);
  });

  test("multipart, with a file whose bytes are no text", async () => {
    const { client, simulator } = await start();
    const content = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
    const document = await client.document.create({ title: "Scan", labels: ["a", "b"], file: { filename: "scan.png", content } });
    expect(document).toMatchObject({ title: "Scan", labels: ["a", "b"] });
    expect(simulator.writes("document")[0]?.fields).toMatchObject({ file: { filename: "scan.png", content } });
  });

  test("forms, over a socket as well", async () => {
    await using simulator = await simulate(formats, { accounts: { acme: { token } } });
    const client = drive(formats, { ...simulator, exchange: simulator.exchange, url: simulator.url });
    const { id } = await client.note.create(written);
    expect(await client.note.get(id)).toEqual({ id, ...written });
  });
});

describe("what does not fit is a clear error", () => {
  const answers = (text: string, headers: Record<string, string>) => ({
    faults: [{ method: "GET", fault: { kind: "reply", status: 200, text, headers } }] as const,
  });

  test.each([
    [
      "a .docx by its media type",
      "PK\u0003\u0004…",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "CLIENT_CONTENT_TYPE_UNEXPECTED",
      "formats.invoice.get: the provider's answer is of another type than expected: application/xml is expected, this is application/vnd.openxmlformats-officedocument.wordprocessingml.document, a ZIP archive, such as a .docx or .xlsx document.",
    ],
    [
      "an HTML page",
      "<html><body>Maintenance</body></html>",
      "text/html; charset=utf-8",
      "CLIENT_CONTENT_TYPE_UNEXPECTED",
      "formats.invoice.get: the provider's answer is of another type than expected: application/xml is expected, this is text/html.",
    ],
    [
      "a billion laughs",
      `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><invoice><name>&b;</name></invoice>`,
      "application/xml",
      "CLIENT_RESPONSE_INVALID",
      "formats.invoice.get: the provider's answer is not acceptable XML in line 1: it has a DOCTYPE, which is never read.",
    ],
    [
      "a document without its end",
      "<invoice><name>x</name>",
      "application/xml",
      "CLIENT_RESPONSE_INVALID",
      "formats.invoice.get: the provider's answer is not acceptable XML in line 1: an element is not closed.",
    ],
  ])("%s as an answer", async (_what, text, type, code, message) => {
    const { client } = await start(answers(text, { "content-type": type }));
    await expect(client.invoice.get(1)).rejects.toMatchObject({ code, message });
  });

  test("an answer without the element that holds the list is drift, not an empty list", async () => {
    const { client } = await start(answers("<error/>", { "content-type": "application/xml" }));
    await expect(collect(client.invoice.list())).rejects.toMatchObject({ code: "CLIENT_RESPONSE_INVALID" });
  });

  test("an answer that is larger than the limit", async () => {
    const { simulator } = await start(
      answers(`<invoice><name>${"x".repeat(5_000)}</name></invoice>`, { "content-type": "application/xml" }),
    );
    const connection = { id: "a", tenant: "acme", connector: "formats", baseUrl: simulator.url("acme"), credential: { token } };
    const ports = {
      network: inProcessNetwork([simulator]),
      clock: systemClock,
      random: () => 0.5,
      breaker: createMemoryBreaker(),
      budget: createMemoryBudget(),
      maxResponseBytes: 1_000,
    };
    await expect(createClient(formats, connection, ports).invoice.get(1)).rejects.toMatchObject({ code: "HTTP_BODY_TOO_LARGE" });
  });

  test("a .docx as a request is refused by the provider, naming the type it expects", async () => {
    const { simulator } = await start();
    const answer = await simulator.fetch(`${simulator.url("acme")}/invoices`, {
      method: "POST",
      headers: { authorization: `Bearer ${token.reveal()}`, "content-type": "application/octet-stream" },
      body: Buffer.from("PK\u0003\u0004", "latin1"),
    });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toContain("application/xml is expected, this is application/octet-stream, a ZIP archive");
    expect(simulator.writes("invoice")).toEqual([]);
  });

  test("a value that the format cannot hold, before anything is sent", async () => {
    const { client, simulator } = await start();
    await expect(client.invoice.create({ name: "\u0000", amount: 1 })).rejects.toMatchObject({
      code: "CLIENT_INPUT_INVALID",
      message: "formats.invoice.create: XML has no way to write a control character.",
    });
    expect(simulator.history()).toEqual([]);
  });
});

describe("an operation's own code", () => {
  const shapes = defineConnector({
    id: "shapes",
    title: "Shapes",
    baseUrl: "https://shapes.example",
    auth: { kind: "bearer" },
    resources: {
      shape: {
        ...base,
        path: "/shapes",
        create: {
          ...base.create,
          request: (draft) => ({
            ...draft,
            path: `${draft.path}/new`,
            headers: { ...draft.headers, "x-kind": "shape" },
            body: { payload: [draft.body] },
          }),
          response: ({ body }) => (body as { result: unknown }).result,
        },
        get: {
          request: () => {
            throw new Error("broken");
          },
        },
      },
    },
    simulator: {
      request: (request) =>
        request.path.endsWith("/new")
          ? { ...request, path: "/shapes", body: JSON.stringify((JSON.parse(request.body) as { payload: unknown[] }).payload[0]) }
          : request,
      response: (answer, request) => (request.path.endsWith("/new") ? { ...answer, body: { result: answer.body } } : answer),
    },
  });

  test("changes request and answer, and goes through the whole pipeline all the same", async () => {
    const simulator = await simulate(shapes, {
      accounts: { acme: { token } },
      listen: false,
      faults: [{ times: 1, fault: { kind: "answer", failure: "unavailable" } }],
    });
    const client = drive(shapes, simulator);
    expect(await client.shape.create({ name: "N", amount: 1 })).toMatchObject({ name: "N", amount: 1 });
    expect(simulator.history()).toMatchObject([
      { path: "/shapes/new", headers: { "x-kind": "shape" }, answer: { status: 503 } },
      { path: "/shapes/new", headers: { "x-kind": "shape" }, answer: { status: 201 } },
    ]);
  });

  test("that throws is an error of the connector, and nothing is sent", async () => {
    const simulator = await simulate(shapes, { accounts: { acme: { token } }, listen: false });
    await expect(drive(shapes, simulator).shape.get(1)).rejects.toMatchObject({
      code: "CLIENT_MAPPING_FAILED",
      message: "shapes.shape.get: the connector's request code threw.",
    });
    expect(simulator.history()).toEqual([]);
  });
});
