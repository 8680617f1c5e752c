import { Secret } from "@belay/sdk";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freshPostgres } from "../setup/database.ts";
import { startBelayProcess } from "../telemetry/processes.ts";
import { signature } from "./belay.config.ts";
import { dumpDatabase } from "./dump-database.ts";
import { canaries, encodedPerson, person } from "./canaries.ts";
import { leaksIn } from "./leaks-in.ts";
import { startLedger, startSink } from "./far-ends.ts";

interface Listing {
  readonly items: readonly { readonly id: number; readonly state: string; readonly attempts: number; readonly code: string | null }[];
}

const hows = ["go well", "refuse", "drift", "cut", "throw", "crash", "exit"] as const;
const authorization = `Bearer ${canaries.adminToken}`;

async function deliver(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const signed = signature.sign(Buffer.from(body), new Secret(canaries.webhookSecret), new Date(), "");
  const answer = await fetch(`${url}/in/shop-of-acme-0123?for=${encodedPerson}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-person": person, ...signed, ...headers },
    body,
  });
  await answer.text();
  return answer.status;
}

async function ask<Answer>(url: string, path: string): Promise<{ readonly text: string; readonly answer: Answer }> {
  const text = await (await fetch(`${url}${path}`, { headers: { authorization } })).text();
  return { text, answer: JSON.parse(text) as Answer };
}

test("neither secrets nor a person's address are found where they do not belong: output, log, spans, errors, exchanges, reproductions, database", async () => {
  const databaseUrl = await freshPostgres();
  await using ledger = await startLedger();
  await using sink = await startSink();
  const secrets = Object.values(canaries);
  const all = [...secrets, person, encodedPerson];
  const leaks: string[] = [];
  let said = (): string => "";
  {
    await using belay = await startBelayProcess(
      "ingest,worker,web",
      {
        DATABASE_URL: databaseUrl,
        LEDGER_URL: ledger.url,
        BELAY_ADMIN_TOKEN: canaries.adminToken,
        BELAY_MASTER_KEY: `canary:${canaries.masterKey}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        OTEL_TRACES_SAMPLER: "always_on",
        SENTRY_DSN: `${sink.url.replace("http://", "http://public@")}/42`,
      },
      fileURLToPath(new URL("belay.config.ts", import.meta.url)),
    );
    said = () => belay.said();
    for (const how of hows) expect(await deliver(belay.url, JSON.stringify({ id: how, type: "sold", how, buyer: person }))).toBe(202);
    // Believed, and of another shape; forged, with what looks like a secret; no JSON.
    expect(await deliver(belay.url, JSON.stringify({ id: "drifted", type: "sold", buyer: { address: person } }))).toBe(202);
    expect(await deliver(belay.url, "{}", { "x-signature": canaries.forged, authorization: `Bearer ${canaries.forged}` })).toBe(401);
    expect(await deliver(belay.url, `{"${person}`)).toBe(422);
    const tried = async (): Promise<Listing["items"]> => {
      const { items } = (await ask<Listing>(belay.url, "/v1/messages?tenant=acme")).answer;
      return items.filter(({ state, attempts, code }) => state !== "waiting" || attempts > 0 || code !== null);
    };
    await expect.poll(async () => (await tried()).length, { timeout: 60_000, interval: 200 }).toBe(hows.length + 1);
    const { answer, text } = await ask<Listing>(belay.url, "/v1/messages?tenant=acme");
    leaks.push(...leaksIn("GET /v1/messages", text, secrets));
    for (const { id } of answer.items) {
      const story = (await ask<{ attempts?: unknown }>(belay.url, `/v1/messages/${id}?exchanges=full`)).text;
      leaks.push(...leaksIn(`the story of ${id}`, story, secrets));
      leaks.push(...leaksIn(`the reproduction of ${id}`, (await ask(belay.url, `/v1/messages/${id}/reproduction`)).text, all));
    }
    for (const path of ["/v1/dead-letters", "/v1/stream", "/v1/measures?step=1m", "/v1/metrics", "/v1/figures", "/v1/connections"]) {
      const listing = await (await fetch(`${belay.url}${path}`, { headers: { authorization } })).text();
      leaks.push(...leaksIn(`GET ${path}`, listing, path === "/v1/dead-letters" ? secrets : all));
    }
    // By the reference that the connector declares: it can be found, although it is nowhere.
    expect(
      (await ask<{ items: unknown[] }>(belay.url, `/v1/stories?tenant=acme&ref=${encodedPerson}`)).answer.items.length,
    ).toBeGreaterThan(0);
  }
  const database = await dumpDatabase(databaseUrl);
  expect(database).toContain("acme-ledger/event");
  leaks.push(...leaksIn("the database", database, all));
  leaks.push(...leaksIn("what the process said", said(), all));
  const sent = Buffer.concat(sink.received).toString("latin1");
  expect(sent).toContain("/v1/traces");
  leaks.push(...leaksIn("what went to collector and error tracker", sent, all));
  expect(leaks).toEqual([]);
});
