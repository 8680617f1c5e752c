/* What people write first: fetch a page, upsert it as raw JSON in one statement, fetch the next. Nothing is checked, mapped or told to anybody. */
import pg from "pg";
import { Agent, request } from "undici";

const [, , provider = "", databaseUrl = ""] = process.argv;
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query("create table contact (id text primary key, raw jsonb not null)");
const agent = new Agent({ connections: 1 });

interface Page {
  readonly results: readonly { readonly id: string }[];
  readonly more: boolean;
}

async function copy(): Promise<number> {
  let after = "";
  let count = 0;
  for (;;) {
    const answer = await request(`${provider}/contacts?limit=200${after === "" ? "" : `&after=${after}`}`, { dispatcher: agent });
    const page = (await answer.body.json()) as Page;
    await client.query({
      name: "upsert",
      text: `insert into contact (id, raw) select x->>'id', x from jsonb_array_elements($1::jsonb) x
        on conflict (id) do update set raw = excluded.raw`,
      values: [JSON.stringify(page.results)],
    });
    count += page.results.length;
    if (!page.more) return count;
    after = page.results.at(-1)?.id ?? "";
  }
}

process.on("message", () => {
  const startedAt = performance.now();
  copy().then(
    (records) => process.send?.({ records, tookMs: performance.now() - startedAt }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ok: true });
