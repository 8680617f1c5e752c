import { createBelayClient } from "@belay/sdk/client";
import { expect, test, vi } from "vitest";
import { json, startProvider } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";

const adminToken = "the-token-of-the-tests-0123456789";

test("where the provider has forgotten the token of a sync, everything is read at once and not when the schedule says", async () => {
  const people = [
    { id: "a", name: "Ada" },
    { id: "b", name: "Blaise" },
    { id: "c", gone: true },
  ];
  let tokens = 0;
  const asked: (string | null)[] = [];
  await using provider = await startProvider(({ url }, response) => {
    const since = new URL(url, "http://book.example").searchParams.get("since");
    asked.push(since);
    if (since !== null && since !== `t${tokens}`) return json(response, 403, { error: "token-forgotten" });
    tokens += since === null ? 1 : 0;
    json(response, 200, { people: since === null ? people : [], token: `t${tokens}` });
  });
  process.env["TOKENS_URL"] = provider.url;
  const belay = await startBelay({
    config: new URL("./tokens.config.ts", import.meta.url),
    database: { kind: "postgres", url: await freshPostgres() },
    masterKey: testMasterKey,
    adminToken,
    logger: createLogger("silent"),
  });
  try {
    const client = createBelayClient({ url: belay.url, token: adminToken });
    const at = { tenant: "acme", connection: "acme-book" };
    const ended = async (count: number) =>
      await vi.waitFor(
        async () => {
          const walks = await client.walks("people", at);
          expect(walks.filter(({ state }) => state !== "open")).toHaveLength(count);
          return walks;
        },
        { timeout: 60_000, interval: 50 },
      );
    // What is gone is named by the listing of everything too, and is no record that cannot be read.
    expect(await ended(1)).toMatchObject([{ kind: "first", state: "complete", created: 2, troubled: 0 }]);
    await client.runSync("people", at);
    expect((await ended(2))[0]).toMatchObject({ kind: "incremental", state: "complete" });

    tokens += 1;
    people.splice(1, 1);
    await client.runSync("people", at);
    const [full, refused] = await ended(4);
    expect(refused).toMatchObject({ kind: "incremental", state: "incomplete", code: "SYNC_POSITION_REFUSED" });
    expect(full).toMatchObject({ kind: "full", state: "complete", deleted: 1 });
    // A question may be asked again on a slow machine.
    expect([asked[0], asked.at(-1)]).toEqual([null, null]);
    const [sync] = await client.syncs({ tenant: "acme" });
    expect(sync).toMatchObject({ records: 1, troubles: 0 });
  } finally {
    await belay.close(1_000);
  }
});
