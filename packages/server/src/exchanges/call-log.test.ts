import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { CallLog, type ProxiedCall } from "./call-log.ts";
import { readCalls } from "./read-calls.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

function callOf(changes: Partial<ProxiedCall> = {}): ProxiedCall {
  return {
    tenant: "acme",
    connection: "acme-desk",
    actor: "key:1",
    endedAt: 1_800_000_000_000,
    status: 422,
    code: null,
    ok: false,
    exchanges: [
      {
        connection: "acme/acme-desk",
        label: "desk.proxy",
        request: { method: "POST", path: "/tickets?mail=ada@acme.example", headers: { accept: "*/*" }, body: '{"phone":"x"}' },
        response: { status: 422, headers: { "x-request-id": "r1" }, body: "ada@acme.example is taken" },
        startedAt: 1_799_999_999_000,
        durationMs: 12,
        step: "",
        spanId: "00f067aa0ba902b7",
        ok: false,
      },
    ],
    ...changes,
  };
}

describe.each(databases)("the log of proxied calls on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    await sql`truncate belay.proxied_call`.execute(database.db);
  });

  const keep = async (...calls: readonly ProxiedCall[]): Promise<void> => {
    const parts = { db: database.db, cipher: vaultOf(database.db), clock: systemClock, counters: new Counters(), logger: silent };
    const log = new CallLog({ ...parts, personalFields: { ofCall: () => ["phone"] } });
    for (const call of calls) log.add(call);
    await log.close();
  };
  const read = (query: { connection?: string; before?: number } = {}, limit = 10): ReturnType<typeof readCalls> =>
    readCalls(database.db, vaultOf(database.db), { tenant: "acme", ...query }, limit);

  test("keeps what was said, with tokens in the place of personal values, sealed", async () => {
    await keep(callOf());
    const [kept] = await read();
    expect(kept).toMatchObject({
      connection: "acme-desk",
      actor: "key:1",
      status: 422,
      code: null,
      endedAt: "2027-01-15T08:00:00.000Z",
      sealed: false,
    });
    const token = /\[email:[0-9a-f]{12}\]/.exec(kept?.exchanges[0]?.request.path ?? "")?.[0] ?? "none";
    expect(kept?.exchanges[0]).toMatchObject({
      request: { method: "POST", path: `/tickets?mail=${token}`, body: expect.stringMatching(/^\{"phone":"\[text:[0-9a-f]{12}\]"\}$/) },
      response: { status: 422, body: `${token} is taken`, headers: { "x-request-id": "r1" } },
    });
    const { rows } = await sql<{ contents: Uint8Array }>`select contents from belay.proxied_call`.execute(database.db);
    expect(Buffer.from(rows[0]?.contents ?? []).includes("tickets")).toBe(false);
  });

  test("lists those of one tenant, newest first, page by page and by connection", async () => {
    await keep(callOf(), callOf({ connection: "acme-crm", code: "HTTP_TIMEOUT", status: null }), callOf({ tenant: "globex" }), callOf());
    const all = await read();
    expect(all.map(({ connection }) => connection)).toEqual(["acme-desk", "acme-crm", "acme-desk"]);
    expect(await read({ connection: "acme-crm" })).toMatchObject([{ code: "HTTP_TIMEOUT", status: null }]);
    expect((await read({ before: all[0]!.id }, 1)).map(({ id }) => id)).toEqual([all[1]!.id]);
  });
});
