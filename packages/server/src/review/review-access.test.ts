import { defineConfig, defineConnector, Secret } from "@belay/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog, CatalogInForce } from "../catalog/index.ts";
import { keepCredentials, type KeptCredentials, type Renewer } from "../credentials/index.ts";
import type { Database, Db } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { readNotices, reviewAccess, type ReviewParts } from "./index.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const day = 86_400_000;
const schema = z.looseObject({ id: z.string() });
const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: {
    kind: "oauth2",
    authorizationUrl: "/authorize",
    tokenUrl: "/token",
    grants: ["authorization_code", "refresh_token"],
    scopes: ["contacts.read", "deals.write"],
    accessTokenLifetime: "1h",
    clientAuthentication: "body",
  },
  resources: { contact: { path: "/contacts", id: "id", schema, scopes: { read: ["contacts.read"] }, list: { paging: { kind: "none" } } } },
});
// Its name is in the catalogue of providers that offer OAuth.
const slack = defineConnector({ id: "slack", title: "Slack", baseUrl: "https://slack.example", auth: { kind: "bearer" }, resources: {} });
const desk = defineConnector({ id: "desk", title: "Desk", baseUrl: "https://desk.example", auth: { kind: "bearer" }, resources: {} });
const nobody: Renewer = {
  of: () => undefined,
  classOf: () => undefined,
  renew: async () => ({ kind: "unavailable", code: "OAUTH_PROVIDER_FAILED", detail: "No renewal here." }),
};

function catalogWith(deskKey: string): CatalogInForce {
  const connections = [
    { id: "crm-1", tenant: "acme", connector: "crm" },
    { id: "slack-1", tenant: "acme", connector: "slack", credential: { token: new Secret("xoxb-acme") } },
    { id: "slack-2", tenant: "globex", connector: "slack", credential: { token: new Secret("xoxb-globex") } },
    { id: "desk-1", tenant: "acme", connector: "desk", credential: { token: new Secret(deskKey) } },
  ];
  return new CatalogInForce(buildCatalog(defineConfig({ connectors: [crm, slack, desk], flows: [], connections })));
}

describe.each(databases)("the access review on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  let kept: KeptCredentials;
  let catalog = catalogWith("first key");
  let daysLater = 0;
  const clock = { ...systemClock, now: (): number => Date.now() + daysLater * day };

  beforeAll(async () => {
    database = await open();
    db = database.db;
    kept = keepCredentials({
      db,
      cipher: vaultOf(db),
      clock: systemClock,
      random: Math.random,
      logger: silent,
      renewer: nobody,
      connections: () => catalog.connections,
    });
  });
  afterAll(async () => {
    await kept.close(0);
    await database.close();
  });
  beforeEach(async () => {
    daysLater = 0;
    catalog = catalogWith("first key");
    for (const table of ["notice", "secret_age", "event", "api_key", "credential"])
      await sql`delete from belay.${sql.raw(table)}`.execute(db);
  });

  const look = async (rotateAfterDays = Infinity): Promise<string[]> => {
    const parts: ReviewParts = {
      db,
      cipher: vaultOf(db),
      clock,
      catalog,
      credentials: kept.book,
      environment: [
        { tenant: "", name: "BELAY_ADMIN_TOKEN", value: "the-token-of-the-administrator", remedy: "Put a new one before the old one." },
      ],
      options: { rotateAfterDays },
    };
    await reviewAccess(parts);
    return (await readNotices(db, 0, 100)).map(({ tenant, kind, subject }) => `${tenant}/${kind}/${subject}`).toSorted();
  };
  const told = async (): Promise<string[]> => {
    const { rows } = await sql<{ type: string; cause: string; tenant: string }>`
      select type, cause, tenant from belay.event where type like 'notice.%' order by event.transaction, event.number
    `.execute(db);
    return rows.map(({ type, cause, tenant }) => `${type} ${tenant}/${cause}`);
  };

  test("says once for a connector that it uses keys where the provider offers OAuth, and not of one that does not", async () => {
    expect(await look()).toEqual(["/static-key/slack"]);
    expect(await look()).toEqual(["/static-key/slack"]);
    expect(await told()).toEqual(["notice.raised /static-key"]);
  });

  test("says what was granted and is not needed, until it is connected again with less", async () => {
    const grant = (scopes: string[]) => ({ fields: { accessToken: new Secret("t") }, scopes, expiresAtMs: null, refreshExpiresAtMs: null });
    const connection = catalog.connections.get("crm-1")!;
    await kept.book.store(connection, grant(["contacts.read", "deals.write", "openid"]), { actor: "test" });
    expect(await look()).toContain("acme/scopes-unused/crm-1");
    const [{ what } = { what: "" }] = (await readNotices(db, 0, 10)).filter(({ kind }) => kind === "scopes-unused");
    expect(what).toContain("deals.write");
    expect(what).not.toMatch(/openid|contacts\.read/);
    await kept.book.store(connection, grant(["contacts.read"]), { actor: "test" });
    expect(await look()).toEqual(["/static-key/slack"]);
    expect(await told()).toEqual(expect.arrayContaining(["notice.raised acme/scopes-unused", "notice.gone acme/scopes-unused"]));
  });

  test("says that a secret is due when it has been the same for long, once, and no longer when it was rotated", async () => {
    expect(await look(90)).toEqual(["/static-key/slack"]);
    daysLater = 91;
    const due = ["/rotation-due/BELAY_ADMIN_TOKEN", "acme/rotation-due/credential of desk-1"];
    expect(await look(90)).toEqual(expect.arrayContaining(due));
    daysLater = 92;
    await look(90);
    const raised = (await told()).filter((each) => each.includes("rotation-due"));
    // Of the installation the token and the tenants' keys; of acme its keys for desk and for slack.
    expect(raised.toSorted()).toEqual(["", "", "acme", "acme", "globex"].map((tenant) => `notice.raised ${tenant}/rotation-due`));
    catalog = catalogWith("second key");
    await sql`update belay.secret_age set since = belay.now() - interval '100 days' where name <> 'credential of desk-1'`.execute(db);
    daysLater = 0;
    expect(await look(90)).not.toContain("acme/rotation-due/credential of desk-1");
    expect(await told()).toContain("notice.gone acme/rotation-due");
    expect(await look(90)).toContain("/rotation-due/BELAY_ADMIN_TOKEN");
  });

  test("says of API keys and tenants' keys that they are due, and keeps no secret", async () => {
    await look();
    await sql`
      insert into belay.api_key (id, hash, name, role, created_by, created_at, expires_at) values
        ('old', decode(repeat('00', 32), 'hex'), 'old', 'engineer', 'test', belay.now() - interval '400 days', null),
        ('ended', decode(repeat('00', 32), 'hex'), 'ended', 'engineer', 'test', belay.now() - interval '400 days', belay.now() - interval '1 day'),
        ('new', decode(repeat('00', 32), 'hex'), 'new', 'engineer', 'test', belay.now(), null)
    `.execute(db);
    await sql`update belay.tenant_key set created_at = belay.now() - interval '400 days' where tenant = 'acme'`.execute(db);
    const found = await look(365);
    expect(found.filter((each) => each.includes("rotation-due"))).toEqual([
      "/rotation-due/API key old",
      "/rotation-due/The oldest key of a tenant",
    ]);
    const { rows } = await sql<{ all: string }>`
      select coalesce(string_agg(row_to_json(s)::text, ''), '') || (select string_agg(row_to_json(n)::text, '') from belay.notice n) as all from belay.secret_age s
    `.execute(db);
    expect(rows[0]!.all).not.toMatch(/first key|xoxb|the-token-of/);
  });
});
