import { createBelayClient } from "@belay/sdk/client";
import { expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { startPeopleSystem } from "./people-system.ts";
import { all, patience } from "./two-systems.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const config = new URL("./belay.config.ts", import.meta.url);

test(
  "what a walk has kept while a write was on its way is not written over by the answer to that write",
  { timeout: 120_000 },
  async () => {
    await using crm = await startPeopleSystem("c", () => 1);
    await using book = await startPeopleSystem("b", () => 1);
    // Without versions nobody can tell by the records which of two is the older one.
    Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url, TWO_WAY_VERSIONS: "none" });
    const inCrm = crm.add({ name: "Ada", email: "ada@example.com" });
    const inBook = book.add({ name: "Ada", email: "ada@example.com" });
    const database = { kind: "postgres", url: await freshPostgres() } as const;
    const belay = await startBelay({ config, database, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
    try {
      const client = createBelayClient({ url: belay.url, token: adminToken });
      const equal = async (): Promise<void> =>
        await vi.waitFor(async () => {
          expect(await all(client.twoWays({ tenant: "acme" }))).toMatchObject([{ behind: 0, links: { equal: 1, waiting: 0 } }]);
        }, patience);
      const walkBook = async (): Promise<void> => {
        const last = async () => (await client.syncs({ tenant: "acme" })).find(({ sync }) => sync === "entries");
        const before = (await last())?.walk?.id ?? 0;
        await client.runSync("entries", { tenant: "acme", connection: "acme-book" });
        await vi.waitFor(async () => {
          const now = await last();
          expect([now?.state, (now?.walk?.id ?? 0) > before]).toEqual(["idle", true]);
        }, patience);
      };
      await equal();
      let isFirst = true;
      book.onWritten = async () => {
        if (!isFirst) return false;
        isFirst = false;
        book.edit(inBook, { name: "Ada King" });
        await walkBook();
        // Answered with the record as it was right after the write.
        return false;
      };
      crm.edit(inCrm, { phone: "1" });
      await client.runSync("customers", { tenant: "acme", connection: "acme-crm" });
      await vi.waitFor(() => expect(crm.people.get(inCrm)).toMatchObject({ name: "Ada King", phone: "1" }), patience);
      await equal();
      for (const person of [crm.people.get(inCrm), book.people.get(inBook)]) expect(person).toMatchObject({ name: "Ada King", phone: "1" });
      const kept = await all(client.records({ tenant: "acme", connection: "acme-book" }));
      expect(kept).toMatchObject([{ data: { name: "Ada King", phone: "1" } }]);
      expect(crm.writes).toMatchObject([{ fields: { name: "Ada King" } }]);
      // Sent again where the answer took too long, and never anything else.
      for (const { fields } of book.writes) expect(fields).toEqual({ phone: "1" });
    } finally {
      delete process.env["TWO_WAY_VERSIONS"];
      await belay.close(1_000);
    }
  },
);
