import { BelayError, type Sync, validate } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import { purposes } from "./purposes.ts";
import { makeTenantDue, notifySchedulers, readSettings, upsertSettings } from "./store.ts";

interface SettingsParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** A tenant's settings for a sync, as they were set; `undefined`: it has none. */
export async function openSettings({ db, cipher }: SettingsParts, tenant: string, sync: string): Promise<unknown> {
  const value = await readSettings(db, tenant, sync);
  if (value === undefined) return undefined;
  const [text] = await cipher.open([{ tenant, purpose: purposes.settings, value }]);
  return text === undefined ? undefined : (JSON.parse(Buffer.from(text).toString()) as unknown);
}

/**
 * Sets a tenant's settings. Its records are then all mapped anew.
 *
 * @throws `SYNC_SETTINGS_INVALID` naming the fields that do not fit the sync's schema.
 */
export async function setSettings(parts: SettingsParts, sync: Sync, tenant: string, settings: unknown, actor: string): Promise<void> {
  await checkSettings(sync, tenant, settings);
  const [sealed] = await parts.cipher.seal([{ tenant, purpose: purposes.settings, value: Buffer.from(JSON.stringify(settings)) }]);
  if (sealed === undefined) throw new Error("The cipher gave nothing back.");
  await parts.db.transaction().execute(async (tx) => {
    await upsertSettings(tx, tenant, sync.id, sealed, actor);
    await makeTenantDue(tx, { tenant, sync: sync.id });
    await notifySchedulers(tx);
  });
}

/** @throws `SYNC_SETTINGS_INVALID`. */
export async function checkSettings({ id, settings: schema }: Sync, tenant: string, settings: unknown): Promise<void> {
  if (schema === undefined) {
    const isEmpty = typeof settings === "object" && settings !== null && Object.keys(settings).length === 0;
    if (!isEmpty) throw invalid(id, tenant, "it has none", ["settings"]);
    return;
  }
  const result = await validate(schema, settings);
  if ("value" in result) return;
  const issues = result.issues.map(({ path, message }) => `${path === "" ? "settings" : path}: ${message}`).join("; ");
  throw invalid(
    id,
    tenant,
    issues,
    result.issues.map(({ path }) => path),
  );
}

function invalid(sync: string, tenant: string, issues: string, paths: readonly string[]): BelayError {
  return new BelayError("SYNC_SETTINGS_INVALID", `Sync "${sync}", settings of tenant "${tenant}": ${issues}.`, { details: { paths } });
}
