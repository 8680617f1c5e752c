import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { OAuthServer } from "../../oauth/start-oauth-server.ts";
import type { FarEnds } from "./far-ends.ts";
import type { Installation } from "./installation.ts";
import type { KeyWatch } from "./key-watch.ts";
import type { CallersSecrets } from "./load.ts";
import { publicUrl, tenant } from "./names.ts";

/** What a rotation works on. */
export interface World {
  readonly installation: Installation;
  readonly farEnds: FarEnds;
  readonly operators: OAuthServer;
  /** Of the callers, and which the far ends sign with. */
  readonly secrets: CallersSecrets;
  readonly keys: KeyWatch;
  readonly desk: { readonly id: string };
  /** Something else was found wrong than a failed call. */
  readonly wrong: (what: string) => void;
  readonly killed: () => void;
}

/** One kind of secret, and how the runbook rotates it. @param planted The mistake: what is old is taken away first. */
export interface Kind {
  readonly name: string;
  readonly rotate: (world: World, planted: boolean) => Promise<void>;
  /** There is no way to take the old one away first. */
  readonly cannotBePlanted?: true;
}

/** How long the runbook waits for other processes to learn of what was changed by the API. */
const settleMs = 1_500;
/** Longer than an access token of the harness lives: by then a mistake shows. */
const showsMs = 14_000;
const longestUseMs = 20_000;

export const drawSecret = (): string => randomBytes(24).toString("base64url");

/** Variables of processes: the new before the old, then the far end, then the new alone. */
function byEnvironment(
  name: string,
  variable: string,
  change: (world: World, next: string) => void,
  hasUsed: (world: World, next: string) => boolean,
): Kind {
  return {
    name,
    rotate: async (world, planted) => {
      const { installation } = world;
      const [old, next] = [installation.secrets[variable] ?? "", drawSecret()];
      installation.secrets[variable] = planted ? next : `${next} ${old}`;
      await installation.roll();
      if (planted) await pause(showsMs);
      change(world, next);
      await untilUsed(world, name, () => hasUsed(world, next));
      if (planted) return;
      installation.secrets[variable] = next;
      await installation.roll();
    },
  };
}

export const kinds: readonly Kind[] = [
  { name: "masterKey", rotate: rotateMasterKey },
  { name: "dataKeys", rotate: rotateDataKeys, cannotBePlanted: true },
  byEnvironment(
    "oauthClientSecret",
    "ROTATION_OAUTH_SECRETS",
    ({ farEnds }, next) => void (farEnds.valid.clientSecret = next),
    ({ farEnds }, next) => farEnds.used.has(next),
  ),
  byEnvironment(
    "webhookSecret",
    "ROTATION_WEBHOOK_SECRETS",
    ({ secrets }, next) => void (secrets.webhook = next),
    () => true,
  ),
  { name: "storedWebhookSecret", rotate: rotateStoredWebhookSecret },
  { name: "apiKey", rotate: rotateApiKey },
  byEnvironment(
    "adminToken",
    "BELAY_ADMIN_TOKEN",
    ({ secrets }, next) => void (secrets.adminToken = next),
    () => true,
  ),
  byEnvironment(
    "signInClientSecret",
    "BELAY_OIDC_CLIENT_SECRET",
    ({ operators }, next) => operators.changeSecret(next),
    () => true,
  ),
  { name: "configuredCredential", rotate: rotateConfiguredCredential },
  { name: "formCredential", rotate: rotateFormCredential },
];

async function rotateMasterKey(world: World, planted: boolean): Promise<void> {
  const { installation, keys } = world;
  const old = installation.secrets["BELAY_MASTER_KEY"] ?? "";
  const next = (await succeed(world, ["keys", "new-master"])).trim();
  if (!planted) {
    for (const both of [`${old},${next}`, `${next},${old}`]) {
      installation.secrets["BELAY_MASTER_KEY"] = both;
      await installation.roll();
    }
    const id = next.split(":")[0] ?? "";
    await killedInTheMiddle(world, ["keys", "rotate-master"], async () => (await keys.wrappedBy(id)) > 0);
    const left = await keys.wrappedByOthers(id);
    if (left === 0) world.wrong("rotate-master was done before it could be killed: nothing was shown of going on.");
    await Promise.all([succeed(world, ["keys", "rotate-master"]), killWorker(world)]);
    const status = await succeed(world, ["keys", "status"]);
    if (!status.includes("the others may be taken away")) world.wrong(`After rotate-master the status says: ${status.trim()}`);
  }
  installation.secrets["BELAY_MASTER_KEY"] = next;
  await installation.roll();
}

async function rotateDataKeys(world: World): Promise<void> {
  const { keys } = world;
  const before = await keys.newest();
  await killedInTheMiddle(world, ["keys", "rotate"], async () => (await keys.newest()) > before);
  await Promise.all([succeed(world, ["keys", "rotate"]), killWorker(world)]);
  if ((await keys.oldestInUse()) <= before) world.wrong("After keys rotate there are tenants with an old key.");
  // Processes seal under the new one after a minute at the latest, and open what is under it at once.
  await pause(settleMs);
}

async function rotateStoredWebhookSecret(world: World, planted: boolean): Promise<void> {
  const { secrets, desk } = world;
  const [old, next] = [secrets.deskWebhook, drawSecret()];
  const give = async (...given: string[]): Promise<void> => {
    await succeed(world, ["connections", "webhook-secrets", desk.id], given.join("\n"));
    await pause(settleMs);
  };
  await (planted ? give(next) : give(next, old));
  secrets.deskWebhook = next;
  await pause(settleMs);
  await give(next);
}

async function rotateApiKey(world: World, planted: boolean): Promise<void> {
  const { secrets } = world;
  const id = secrets.apiKey.split("_")[1] ?? "";
  const revoke = async (): Promise<void> => {
    await succeed(world, ["api-keys", "revoke", id]);
    await pause(settleMs);
  };
  const made = await succeed(world, ["api-keys", "rotate", id, "--overlap-hours", "1", "--json"]);
  if (planted) await revoke();
  secrets.apiKey = String((JSON.parse(made) as { key?: unknown }).key);
  await pause(settleMs);
  if (!planted) await revoke();
}

async function rotateConfiguredCredential(world: World, planted: boolean): Promise<void> {
  const { installation, farEnds } = world;
  const [old, next] = [installation.secrets["ROTATION_LEDGER_KEY"] ?? "", drawSecret()];
  farEnds.valid.ledger.add(next);
  if (planted) farEnds.valid.ledger.delete(old);
  installation.secrets["ROTATION_LEDGER_KEY"] = next;
  await installation.roll();
  await untilUsed(world, "configuredCredential", () => farEnds.used.has(next));
  farEnds.valid.ledger.delete(old);
  await pause(settleMs);
}

async function rotateFormCredential(world: World, planted: boolean): Promise<void> {
  const { farEnds, desk } = world;
  const [[old = ""], next] = [[...farEnds.valid.desk], drawSecret()];
  farEnds.valid.desk.add(next);
  if (planted) farEnds.valid.desk.delete(old);
  const made = await succeed(world, [
    "connections",
    "link",
    "--tenant",
    tenant,
    "--connector",
    "desk",
    "--connection",
    desk.id,
    "--return",
    `${publicUrl}/app`,
    "--json",
  ]);
  await fillIn(world.installation, String((JSON.parse(made) as { url?: unknown }).url), next);
  await untilUsed(world, "formCredential", () => farEnds.used.has(next));
  await pause(settleMs);
  farEnds.valid.desk.delete(old);
  await pause(settleMs);
}

/** What a person does at a link. @throws when the page does not say that it is connected. */
export async function fillIn(installation: Pick<Installation, "send">, url: string, apiKey: string): Promise<string> {
  const { pathname } = new URL(url);
  const form = new URLSearchParams({ "credential.apiKey": apiKey });
  await installation.send(pathname, { method: "POST", body: form });
  const page = await (await installation.send(pathname)).text();
  if (!page.includes("status=connected")) throw new Error("The form did not connect the desk.");
  return /[?&;]connection=([\w-]+)/.exec(page)?.[1] ?? "";
}

/** Ends a command by SIGKILL as soon as it has begun to do something. */
async function killedInTheMiddle(world: World, args: readonly string[], hasBegun: () => Promise<boolean>): Promise<void> {
  let ended = false;
  const begun = (async () => {
    while (!ended && !(await hasBegun())) await pause(5);
  })();
  const { code } = await world.installation.command(args, { kill: begun });
  ended = true;
  await begun;
  if (code === null) world.killed();
}

async function killWorker(world: World): Promise<void> {
  if (await world.installation.killWorker()) world.killed();
}

/** @returns what it wrote. @throws with what it said when it did not succeed. */
async function succeed({ installation }: World, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await installation.command(args, { input });
  if (code !== 0) throw new Error(`belay ${args.slice(0, 2).join(" ")} failed (${code}): ${stderr.trim().split("\n").at(-1) ?? ""}`);
  return stdout;
}

/** A rotation that nobody used shows nothing. */
async function untilUsed(world: World, name: string, hasUsed: () => boolean): Promise<void> {
  for (const giveUpAt = Date.now() + longestUseMs; !hasUsed() && Date.now() < giveUpAt;) await pause(50);
  if (!hasUsed()) world.wrong(`The new secret of ${name} was never used.`);
  await pause(settleMs);
}
