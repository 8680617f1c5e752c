import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { openSettings } from "../syncs/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { Covered } from "./find-mapping.ts";

interface SettingsParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "syncs">;
}

/**
 * What a tenant says of a mapping. It says so to the sync that reads with it: what is asked live comes out as what is kept. Undefined where it says nothing, or where no sync reads
 * these records into the model.
 */
export async function settingsOf(parts: SettingsParts, { connection, connector, mapping }: Covered): Promise<unknown> {
  for (const { id, source, target } of parts.catalog.syncs.values()) {
    if (source.connector !== connector.id || source.resource !== mapping.resource || target.model !== mapping.model.model) continue;
    const settings = await openSettings(parts, connection.tenant, id);
    if (settings !== undefined) return settings;
  }
  return undefined;
}
