import { BelayError, type Sync, validate } from "@belay/sdk";

/**
 * The tenant's settings of a sync, as its schema takes them.
 *
 * @throws `SYNC_SETTINGS_INVALID` naming what does not fit; it is tried again in ten minutes, for somebody may have set them by then.
 */
export async function readSyncSettings({ id, settings: schema }: Sync, tenant: string, settings: unknown): Promise<unknown> {
  if (schema === undefined) return settings;
  const result = await validate(schema, settings);
  if ("value" in result) return result.value;
  const issues = result.issues.map(({ path, message }) => `${path === "" ? "settings" : path}: ${message}`).join("; ");
  throw new BelayError("SYNC_SETTINGS_INVALID", `Sync "${id}", settings of tenant "${tenant}": ${issues}.`, {
    retry: { afterMs: 600_000 },
  });
}
