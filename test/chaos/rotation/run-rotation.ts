import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startOAuthServer } from "../../oauth/start-oauth-server.ts";
import { migrateDatabase } from "../../../packages/server/src/main.ts";
import { newMasterKey } from "../../../packages/cli/src/master-key.ts";
import { Child } from "../crash/child.ts";
import { startFarEnds } from "./far-ends.ts";
import { Installation } from "./installation.ts";
import { KeyWatch } from "./key-watch.ts";
import { drawSecret, fillIn, type Kind, kinds, type World } from "./kinds.ts";
import { type CallersSecrets, Load } from "./load.ts";
import { publicUrl, tenant } from "./names.ts";
import { Tally } from "./tally.ts";

export interface RotationOptions {
  readonly quick: boolean;
  /** Only this kind; `""`: all, one after the other. */
  readonly only: string;
  /** Its old secret is taken away first. */
  readonly planted: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
}

export interface RotationReport {
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** Where the logs are, if something was wrong. */
  readonly keptAt: string | undefined;
}

const temporary = new URL("../../../.tmp/", import.meta.url).pathname;
const longestDrainMs = 30_000;
/** A quiet machine needs a fraction of it; a busy one shall not run for ever. */
const longestMs = { quick: 480_000, full: 900_000 };

/** Rotates every kind of secret, one after the other, under a load that never pauses. It ends by itself; `signal` ends it earlier. */
export async function runRotation(options: RotationOptions): Promise<RotationReport> {
  const startedAt = Date.now();
  const folder = join(temporary, `chaos-rotation-${startedAt}`);
  mkdirSync(folder, { recursive: true });
  const tally = new Tally();
  const found: string[] = [];
  const counts = { killed: 0, starts: 0, events: 0 };
  const tried: Kind[] = [];
  try {
    await using ends = new AsyncDisposableStack();
    const { world, load } = await openWorld(
      options,
      folder,
      tally,
      ends,
      (what) => found.push(what),
      () => (counts.killed += 1),
    );
    const over = AbortSignal.any([options.signal, AbortSignal.timeout(options.quick ? longestMs.quick : longestMs.full)]);
    for (const kind of kinds.filter(({ name }) => options.only === "" || name === options.only)) {
      options.onProgress(`${kind.name}, ${tally.calls} calls, ${tally.failed} failed`);
      tally.phase = kind.name;
      tried.push(kind);
      await unlessOver(kind.rotate(world, options.planted), over);
    }
    await load.stop();
    for (const giveUpAt = Date.now() + longestDrainMs; load.missing.length > 0 && Date.now() < giveUpAt;) await pause(100);
    const { missing } = load;
    if (missing.length > 0) found.push(`${missing.length} acknowledged events never arrived, such as ${missing[0]}.`);
    const dead = await countDeadLetters(world);
    if (dead > 0) found.push(`${dead} messages became dead letters.`);
    Object.assign(counts, { events: load.accepted, starts: world.installation.starts });
  } catch (error) {
    found.push(`While ${tally.phase} was rotated: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const { name } of tried) if (tally.of(name).calls === 0) found.push(`Nobody called while ${name} was rotated.`);
  const violations = [...tally.failures, ...found];
  if (violations.length === 0) rmSync(folder, { recursive: true, force: true });
  const perKind = tried.flatMap(({ name }) => Object.entries(tally.of(name)).map(([what, count]) => [`${name}.${what}`, count] as const));
  return {
    figures: {
      ...Object.fromEntries(perKind),
      kinds: tried.length,
      calls: tally.calls,
      failedCalls: tally.failed,
      ...counts,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
    },
    violations,
    keptAt: violations.length === 0 ? undefined : folder,
  };
}

/** @throws when it is over first; what still runs then fails as the processes are ended, which says nothing more. */
async function unlessOver(work: Promise<void>, over: AbortSignal): Promise<void> {
  const ended = Promise.withResolvers<never>();
  const end = (): void =>
    ended.reject(
      new Error(over.reason instanceof Error && over.reason.name === "TimeoutError" ? "It took too long." : "It was interrupted."),
    );
  if (over.aborted) end();
  over.addEventListener("abort", end, { once: true });
  work.catch(() => {}); // told by the race, unless that is lost
  try {
    await Promise.race([work, ended.promise]);
  } finally {
    over.removeEventListener("abort", end);
  }
}

async function openWorld(
  { quick }: RotationOptions,
  folder: string,
  tally: Tally,
  ends: AsyncDisposableStack,
  wrong: (what: string) => void,
  killed: () => void,
): Promise<{ world: World; load: Load }> {
  const postgres = new Child({ entry: "postgres-process.ts", environment: {}, injected: false, log: join(folder, "postgres.log") });
  ends.defer(async () => await postgres.stop());
  const drawn = { ledger: drawSecret(), desk: drawSecret(), clientSecret: drawSecret(), refreshToken: drawSecret() };
  const farEnds = ends.use(await startFarEnds(tally, drawn));
  const operators = ends.use(
    await startOAuthServer({
      clientAuthentication: "body",
      scopes: ["profile", "email"],
      redirectUris: [`${publicUrl}/sign-in/oidc/callback`],
    }),
  );
  const secrets: CallersSecrets = { webhook: drawSecret(), deskWebhook: drawSecret(), apiKey: "", adminToken: drawSecret() };
  const masterKey = newMasterKey();
  const databaseUrl = await postgres.ready;
  await migrateDatabase({ kind: "postgres", url: databaseUrl });
  const keys = ends.use(new KeyWatch(databaseUrl));
  await keys.plantTenants(masterKey, quick ? 1_000 : 3_000);
  const installation = ends.use(
    new Installation(
      folder,
      quick ? ["ingest,web,worker"] : ["ingest,web", "ingest,web", "worker", "worker"],
      {
        DATABASE_URL: databaseUrl,
        BELAY_PUBLIC_URL: publicUrl,
        BELAY_RETURN_ORIGINS: publicUrl,
        BELAY_OIDC_ISSUER: operators.issuer,
        BELAY_OIDC_CLIENT_ID: operators.client.id,
        BELAY_OIDC_CLAIM: "sub",
        BELAY_OIDC_ROLES: "user-1=engineer",
        ROTATION_FAR_END: farEnds.url,
        ROTATION_REFRESH_TOKEN: drawn.refreshToken,
      },
      {
        BELAY_MASTER_KEY: masterKey,
        BELAY_ADMIN_TOKEN: secrets.adminToken,
        BELAY_OIDC_CLIENT_SECRET: operators.client.secrets[0].reveal(),
        ROTATION_OAUTH_SECRETS: drawn.clientSecret,
        ROTATION_WEBHOOK_SECRETS: secrets.webhook,
        ROTATION_LEDGER_KEY: drawn.ledger,
      },
    ),
  );
  await installation.roll();
  const desk = await connectDesk(installation, secrets, `${farEnds.url}/desk`, drawn.desk);
  const load = new Load({ installation, farEnds, operators, tally, secrets, desk });
  ends.defer(async () => await load.stop());
  return { world: { installation, farEnds, operators, secrets, keys, desk, wrong, killed }, load };
}

/** What an administrator does on the first day: a key for the application, a tenant's connection by the form, its webhook secret. */
async function connectDesk(
  installation: Installation,
  secrets: CallersSecrets,
  baseUrl: string,
  apiKey: string,
): Promise<{ id: string; ingestPath: string }> {
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${secrets.adminToken}`, "content-type": "application/json" };
    const response = await installation.send(`/v1/${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${String(answer["code"])}`);
    return answer;
  };
  secrets.apiKey = String((await ask("POST", "api-keys", { name: "host application", role: "engineer" }))["key"]);
  const { url } = await ask("POST", "connect-sessions", { tenant, connector: "desk", returnUrl: `${publicUrl}/app`, baseUrl });
  const id = await fillIn(installation, String(url), apiKey);
  await ask("PUT", `connections/${id}/webhook-secrets`, { secrets: [secrets.deskWebhook] });
  const { ingestPath } = await ask("GET", `connections/${id}`);
  // The other processes learn of it within a second.
  await pause(1_500);
  return { id, ingestPath: String(ingestPath) };
}

async function countDeadLetters({ installation, secrets }: World): Promise<number> {
  const response = await installation.send("/v1/dead-letters?limit=100", { headers: { authorization: `Bearer ${secrets.apiKey}` } });
  const { items } = (await response.json()) as { items?: unknown[] };
  if (items === undefined) throw new Error(`Dead letters cannot be read: ${response.status}`);
  return items.length;
}
