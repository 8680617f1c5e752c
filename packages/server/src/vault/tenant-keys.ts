import { type KeyObject, randomBytes } from "node:crypto";
import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { KeyProvider } from "./key-provider.ts";
import { KeyRing, toKey } from "./key-ring.ts";
import { insertTenantKeys, readTenantKeys, type TenantKeyName, type TenantKeyRow } from "./store.ts";

export interface TenantKeysParts {
  readonly db: Db;
  readonly provider: KeyProvider;
  readonly clock: Clock;
  /** Tenants whose keys are kept in memory; those used last stay. Default 10,000. */
  readonly mostTenants?: number;
}

/** After so long they are read again: a key that was destroyed elsewhere is forgotten here by then. */
const freshMs = 60_000;

/** The keys of tenants, kept in memory. A tenant that is sealed for and has none gets one; which of several processes made it, a constraint decides. */
export class TenantKeys {
  readonly #parts: Required<TenantKeysParts>;
  /** The one read longest ago comes first: what is in use is read again every minute. */
  readonly #rings = new Map<string, KeyRing>();

  constructor(parts: TenantKeysParts) {
    this.#parts = { mostTenants: 10_000, ...parts };
  }

  /** The keys of one tenant, if they are here and fresh: what most calls need, without a promise. */
  get(tenant: string): KeyRing | undefined {
    const ring = this.#rings.get(tenant);
    return ring !== undefined && this.#parts.clock.now() - ring.readAtMs < freshMs ? ring : undefined;
  }

  /** Reads the keys of these tenants, as one statement. With `create` those without a living key get one. */
  async read(tenants: ReadonlySet<string>, create: boolean): Promise<Map<string, KeyRing>> {
    const rings = await this.#readOnce([...tenants]);
    const without = create ? [...rings].filter(([, { newest }]) => newest === undefined) : [];
    if (without.length === 0) return rings;
    // The next of what was read: whoever read the same draws the same name, and one of them gets it. A tenant whose keys were destroyed begins anew that way.
    const names = without.map(([tenant, ring]) => ({ tenant, version: ring.highest + 1 }));
    await insertNewKeys(this.#parts.db, this.#parts.provider, names);
    const created = await this.#readOnce(without.map(([tenant]) => tenant));
    return new Map([...rings, ...created]);
  }

  forget(tenant: string): void {
    this.#rings.delete(tenant);
  }

  async #readOnce(tenants: readonly string[]): Promise<Map<string, KeyRing>> {
    const readAtMs = this.#parts.clock.now();
    const byTenant = Map.groupBy(await readTenantKeys(this.#parts.db, tenants), ({ tenant }) => tenant);
    const rings = new Map<string, KeyRing>();
    for (const tenant of tenants) {
      const keys = new Map<number, KeyObject | null>();
      for (const row of byTenant.get(tenant) ?? []) keys.set(row.version, await this.#unwrap(row));
      const ring = new KeyRing(tenant, keys, readAtMs);
      rings.set(tenant, ring);
      if (keys.size > 0) this.#keep(tenant, ring);
    }
    return rings;
  }

  /** A key that is known already is not unwrapped again: a key management service is asked once for each, and a rotated master key is no loss to who is running. */
  async #unwrap({ tenant, version, wrapped, masterKey }: TenantKeyRow): Promise<KeyObject | null> {
    if (wrapped === null) return null;
    const known = this.#rings.get(tenant)?.key(version);
    return known ?? toKey(await this.#parts.provider.unwrap(masterKey, wrapped, toContext({ tenant, version })));
  }

  #keep(tenant: string, ring: KeyRing): void {
    this.#rings.delete(tenant);
    this.#rings.set(tenant, ring);
    if (this.#rings.size <= this.#parts.mostTenants) return;
    const [oldest] = this.#rings.keys();
    if (oldest !== undefined) this.#rings.delete(oldest);
  }
}

/** What a wrapped key is bound to. */
export function toContext({ tenant, version }: TenantKeyName): string {
  return `key ${version} of tenant ${tenant}`;
}

/** Draws and stores new keys; where one of the same name is there by now, that one counts. */
export async function insertNewKeys(db: Db, provider: KeyProvider, names: readonly TenantKeyName[]): Promise<void> {
  const rows = await Promise.all(
    names.map(async (name) => {
      const wrapped = await provider.wrap(randomBytes(32), toContext(name));
      return { ...name, wrapped: Buffer.from(wrapped).toString("base64"), masterKey: provider.current };
    }),
  );
  await insertTenantKeys(db, rows);
}
