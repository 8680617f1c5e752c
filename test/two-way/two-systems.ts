import { type BelayClient, createBelayClient } from "@belay/sdk/client";
import { expect, vi } from "vitest";
import { type Belay, createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type PeopleSystem, startPeopleSystem } from "./people-system.ts";

export const patience = { timeout: 60_000, interval: 50 };

/** The two systems of `belay.config.ts`, which Belay keeps equal, and a third for other configurations. */
export interface TwoSystems extends AsyncDisposable {
  readonly crm: PeopleSystem;
  readonly book: PeopleSystem;
  readonly list: PeopleSystem;
  readonly belay: Belay;
  readonly client: BelayClient;
  /** Reads a side once more, to the end; with `full` in the lane of walks through everything, beside which writes go on. */
  walk(side: keyof typeof syncs, order?: { readonly full: boolean }): Promise<void>;
  /** Ends the process at once, as if it had been killed, and starts it anew. */
  restart(): Promise<void>;
  /** Waits until every thing is as it has to be: both sides have been read, and nothing is left to look at. */
  settled(): Promise<void>;
}

const syncs = { crm: "customers", book: "entries", list: "members" } as const;

/**
 * Starts both systems and Belay.
 *
 * @param settings What `belay.config.ts` reads of its environment.
 * @param fill Puts people into them before they are read.
 * @param config What Belay runs. Default: `belay.config.ts`.
 */
export async function startTwoSystems(
  settings: Readonly<Record<string, string>>,
  fill: (systems: Pick<TwoSystems, "crm" | "book" | "list">) => void,
  config = new URL("./belay.config.ts", import.meta.url),
): Promise<TwoSystems> {
  let time = 1_000;
  const clock = (): number => (time += 1);
  const crm = await startPeopleSystem("c", clock);
  const book = await startPeopleSystem("b", clock);
  const list = await startPeopleSystem("l", clock);
  for (const name of Object.keys(process.env)) if (name.startsWith("TWO_WAY_")) delete process.env[name];
  Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url, LIST_URL: list.url, ...settings });
  fill({ crm, book, list });
  const adminToken = "the-token-of-the-tests-0123456789";
  const database = { kind: "postgres", url: await freshPostgres() } as const;
  const start = () => startBelay({ config, database, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
  let belay = await start();
  let client = createBelayClient({ url: belay.url, token: adminToken });
  return {
    crm,
    book,
    list,
    get belay() {
      return belay;
    },
    get client() {
      return client;
    },
    restart: async () => {
      await belay.close(0);
      belay = await start();
      client = createBelayClient({ url: belay.url, token: adminToken });
    },
    walk: async (side, { full } = { full: false }) => {
      const last = async () => (await client.syncs({ tenant: "acme" })).find(({ sync }) => sync === syncs[side]);
      const before = (await last())?.walk?.id ?? 0;
      await vi.waitFor(() => client.runSync(syncs[side], { tenant: "acme", connection: `acme-${side}`, full }), patience);
      await vi.waitFor(async () => {
        const now = await last();
        expect([now?.state, (now?.walk?.id ?? 0) > before]).toEqual(["idle", true]);
      }, patience);
    },
    settled: async () => {
      await vi.waitFor(async () => {
        const walks = await client.syncs({ tenant: "acme" });
        const ended = walks.map(({ walk }) => walk !== null && (walk.kind !== "first" || walk.endedAt !== null));
        expect([ended.length >= 2, ...ended]).not.toContain(false);
        for (const { behind, links } of await all(client.twoWays({ tenant: "acme" })))
          expect([behind, links.waiting, links.failed]).toEqual([0, 0, 0]);
      }, patience);
    },
    [Symbol.asyncDispose]: async () => {
      await belay.close(1_000);
      await crm[Symbol.asyncDispose]();
      await book[Symbol.asyncDispose]();
      await list[Symbol.asyncDispose]();
    },
  };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = [];
  for await (const item of items) read.push(item);
  return read;
}
