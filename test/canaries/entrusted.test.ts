import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freshPostgres } from "../setup/database.ts";
import { startBelayProcess } from "../telemetry/processes.ts";
import { canaries, entrusted } from "./canaries.ts";
import { dumpDatabase } from "./dump-database.ts";
import { startParrot, startSink } from "./far-ends.ts";
import { leaksIn } from "./leaks-in.ts";

const admin = { authorization: `Bearer ${canaries.adminToken}` };
const json = { ...admin, "content-type": "application/json" };

/** A form as a browser sends it. */
async function submit(url: string, path: string, fields: Readonly<Record<string, string>>, cookie = ""): Promise<Response> {
  const headers = { origin: url, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded", cookie };
  return await fetch(`${url}${path}`, { method: "POST", headers, body: new URLSearchParams(fields).toString(), redirect: "manual" });
}

/** Calls the provider as every connection, with secrets of the caller's own in header, query and body. */
async function callThrough(url: string): Promise<number[]> {
  const { proxiedHeader, proxiedQuery, proxiedBody } = entrusted;
  const statuses: number[] = [];
  for (const id of ["acme-maps", "acme-desk", "acme-mill", "acme-bank"]) {
    const answer = await fetch(`${url}/v1/proxy/${id}/x?access_token=${proxiedQuery}`, {
      method: "POST",
      headers: { ...json, "x-auth-token": proxiedHeader },
      body: JSON.stringify({ note: proxiedBody }),
    });
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}

/** Signs the first administrator in, by way of a wrong password. @returns the cookie's value. */
async function signIn(url: string, said: string): Promise<string> {
  const [, token = ""] = /\/set-up\?token=([\w-]+)/.exec(said) ?? [];
  const name = "ada@leak.example";
  await submit(url, "/set-up", { token, name, password: entrusted.operatorPassword });
  await submit(url, "/sign-in", { name, password: entrusted.wrongPassword });
  const answer = await submit(url, "/sign-in", { name, password: entrusted.operatorPassword });
  const cookie = /belay=([\w-]{43})/.exec(answer.headers.getSetCookie().join())?.[1] ?? "";
  expect((await fetch(`${url}/v1/session`, { headers: { cookie: `belay=${cookie}` } })).status).toBe(200);
  return cookie;
}

/** Connects an account by a link, by way of a wrong key. @returns the link's token, and the pages that were shown. */
async function connectByLink(url: string, baseUrl: string): Promise<{ token: string; pages: string }> {
  const made = await fetch(`${url}/v1/connect-sessions`, {
    method: "POST",
    headers: { ...json, "idempotency-key": "link-1" },
    body: JSON.stringify({ tenant: "globex", connector: "maps", returnUrl: `${url}/done`, baseUrl }),
  });
  expect(made.status).toBe(200);
  const token = /[\w-]{43}$/.exec(((await made.json()) as { url: string }).url)?.[0] ?? "";
  const pages: string[] = [];
  for (const apiKey of [entrusted.wrongKey, entrusted.formKey]) {
    pages.push(await (await submit(url, `/connect/${token}`, { "credential.apiKey": apiKey })).text());
    pages.push(await (await fetch(`${url}/connect/${token}`)).text());
  }
  return { token, pages: pages.join("\n") };
}

test("what people and programs entrust to a running Belay is found nowhere but where it belongs", async () => {
  const databaseUrl = await freshPostgres();
  await using parrot = await startParrot();
  await using sink = await startSink();
  const secrets: string[] = Object.values(entrusted);
  const leaks: string[] = [];
  let said = "";
  {
    await using belay = await startBelayProcess(
      "ingest,worker,web",
      {
        DATABASE_URL: databaseUrl,
        PARROT_URL: parrot.url,
        BELAY_ADMIN_TOKEN: canaries.adminToken,
        BELAY_MASTER_KEY: `canary:${canaries.masterKey}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        OTEL_TRACES_SAMPLER: "always_on",
        SENTRY_DSN: `${sink.url.replace("http://", "http://public@")}/42`,
      },
      fileURLToPath(new URL("entrusted.config.ts", import.meta.url)),
    );
    const statuses = await callThrough(belay.url);
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
    expect(statuses[3]).toBeGreaterThanOrEqual(400);
    await expect.poll(() => belay.said()).toContain("/set-up?token=");
    secrets.push(await signIn(belay.url, belay.said()));
    const { token, pages } = await connectByLink(belay.url, parrot.url);
    secrets.push(token);
    // Their exchanges are written down a moment later; the caller's own secrets are none of those that Belay shows either. Bodies are not: one in JSON stands there as it came.
    const calls = async (): Promise<string> => await (await fetch(`${belay.url}/v1/proxied-calls?tenant=acme`, { headers: admin })).text();
    await expect.poll(async () => (await calls()).includes("acme-bank"), { timeout: 60_000 }).toBe(true);
    leaks.push(
      ...leaksIn(
        "proxied calls",
        await calls(),
        secrets.filter((secret) => secret !== entrusted.proxiedBody),
      ),
    );
    leaks.push(...leaksIn("the connect page", pages, Object.values(entrusted)));
    const made = await fetch(`${belay.url}/v1/api-keys`, { method: "POST", headers: json, body: '{"name":"n","role":"support"}' });
    secrets.push(((await made.json()) as { key: string }).key);
    const paths = [
      "/v1/audit?limit=500",
      "/v1/connections",
      "/v1/api-keys",
      "/v1/operators",
      "/v1/stream",
      "/v1/measures?step=1m",
      "/v1/metrics",
    ];
    for (const path of paths) leaks.push(...leaksIn(path, await (await fetch(`${belay.url}${path}`, { headers: admin })).text(), secrets));
    // It says more while it ends.
    await belay[Symbol.asyncDispose]();
    said = belay.said();
  }
  expect(new Set(secrets).size).toBe(Object.keys(entrusted).length + 3);
  expect(secrets.filter((secret) => secret === "")).toEqual([]);
  leaks.push(...leaksIn("what the process said", said, secrets));
  const database = await dumpDatabase(databaseUrl);
  expect(database).toContain("acme-bank");
  leaks.push(...leaksIn("the database", database, secrets));
  leaks.push(...leaksIn("what went to collector and error tracker", Buffer.concat(sink.received).toString("latin1"), secrets));
  expect(leaks).toEqual([]);
});
