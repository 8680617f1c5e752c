import { expect, test } from "vitest";
import { z } from "zod";
import { defineConnector } from "../../connector/define-connector.ts";
import { Secret } from "../../secret.ts";
import { testPorts } from "../__fixtures__/desk.ts";
import { startProvider } from "../__fixtures__/local-provider.ts";
import { createClient } from "./create-client.ts";

const text = { sent: "text", received: "text" } as const;

/** Notes of the form `title|body`, written whole under an entity tag. */
const notes = defineConnector({
  id: "notes",
  title: "Notes",
  baseUrl: "https://notes.example",
  auth: { kind: "bearer" },
  errors: [
    { status: 412, code: "NOTES_CHANGED", class: "record-refused", retry: "never", meaning: "The note has changed since it was read." },
  ],
  resources: {
    note: {
      path: "/notes",
      id: "id",
      schema: z.object({ id: z.string(), title: z.string(), body: z.string(), etag: z.string() }),
      bodies: text,
      get: { response: ({ request, headers, body }) => noteOf(request.path, headers["etag"], String(body)) },
      update: {
        input: z.strictObject({ title: z.string(), body: z.string(), etag: z.string() }).partial(),
        method: "PUT",
        safety: { kind: "natural" },
        whole: { version: "etag" },
        request: (draft) => {
          const { title, body } = z.object({ title: z.string(), body: z.string() }).parse(draft.body);
          return { ...draft, body: `${title}|${body}` };
        },
        // The answer to a PUT has no body: what was sent is what is there.
        response: ({ request, headers }) => noteOf(request.path, headers["etag"], String(request.body)),
      },
      list: {
        paging: { kind: "none" },
        request: (draft) => ({ ...draft, method: "REPORT", headers: { ...draft.headers, depth: "1" }, body: "all" }),
        response: ({ body }) => [noteOf("/notes/1", '"x"', String(body))],
      },
    },
  },
});

function noteOf(path: string, etag: unknown, whole: string): unknown {
  const [title, body] = whole.split("|");
  return { id: path.split("/").at(-1), title, body, etag };
}

/** `meanwhile` runs before each write, as another program would. */
async function start(meanwhile: (note: { state: string }, writes: number) => void = () => undefined, lostAnswers = 0) {
  const note = { state: "old|text" };
  let writes = 0;
  const etag = (): string => `"${note.state}"`;
  const provider = await startProvider(({ method, headers, body }, response, request) => {
    if (method !== "PUT") {
      response.writeHead(200, { "content-type": "text/plain", etag: etag() }).end(note.state);
      return;
    }
    writes += 1;
    meanwhile(note, writes);
    if (headers["if-match"] !== etag()) {
      response.writeHead(412).end();
      return;
    }
    note.state = body;
    if (writes <= lostAnswers) request.socket.destroy();
    else response.writeHead(204, { etag: etag() }).end();
  });
  const ports = testPorts();
  const connection = { id: "a", tenant: "t", connector: "notes", baseUrl: provider.url, credential: { token: new Secret("x") } } as const;
  return {
    note,
    received: provider.received,
    client: createClient(notes, connection, ports).note,
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

test("an update of part of a record writes all of it, on condition that it is what was read", async () => {
  await using setup = await start();
  expect(await setup.client.update("1", { title: "new" })).toEqual({ id: "1", title: "new", body: "text", etag: '"new|text"' });
  expect(setup.note.state).toBe("new|text");
  expect(setup.received.at(-1)).toMatchObject({
    method: "PUT",
    headers: { "if-match": '"old|text"', "content-type": "text/plain; charset=utf-8" },
  });
});

test("what somebody else changes meanwhile stays", async () => {
  await using setup = await start((note, writes) => {
    if (writes === 1) note.state = "old|theirs";
  });
  await setup.client.update("1", { title: "new" });
  expect(setup.note.state).toBe("new|theirs");
});

test("against one who never stops it gives up, with what the provider says", async () => {
  await using setup = await start((note, writes) => {
    note.state = `old|${writes}`;
  });
  await expect(setup.client.update("1", { title: "new" })).rejects.toMatchObject({ code: "NOTES_CHANGED" });
  expect(setup.received.filter(({ method }) => method === "PUT")).toHaveLength(3);
});

test("an update of a named state is refused when that has passed, and nothing is written", async () => {
  await using setup = await start();
  await expect(setup.client.update("1", { title: "new", etag: '"older"' })).rejects.toMatchObject({ code: "NOTES_CHANGED" });
  expect(setup.note.state).toBe("old|text");
});

test("a write that took effect without an answer counts, though its state is then another", async () => {
  await using setup = await start(undefined, 1);
  expect(await setup.client.update("1", { title: "new", etag: '"old|text"' })).toMatchObject({ title: "new", body: "text" });
  expect(setup.note.state).toBe("new|text");
});

test("a listing can be a REPORT with a body", async () => {
  await using setup = await start();
  const records: unknown[] = [];
  for await (const record of setup.client.list()) records.push(record);
  expect(records).toMatchObject([{ title: "old" }]);
  expect(setup.received).toMatchObject([{ method: "REPORT", url: "/notes", body: "all", headers: { depth: "1" } }]);
});
