import { sql } from "kysely";
import { type Database, openDatabase } from "../../../packages/server/src/db/index.ts";
import { systemClock } from "../../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";

/** Looks at the tenants' keys in the database itself, to know when a command is in its middle. */
export class KeyWatch implements AsyncDisposable {
  readonly #database: Database;

  constructor(url: string) {
    this.#database = openDatabase({ kind: "postgres", url, connections: 2 });
  }

  /** Makes keys for that many tenants, so that rotating them takes a while. */
  async plantTenants(masterKey: string, count: number): Promise<void> {
    const vault = openVault({ db: this.#database.db, provider: parseMasterKeys(masterKey), clock: systemClock });
    const value = Buffer.from("x");
    await vault.seal(Array.from({ length: count }, (_, index) => ({ tenant: `planted-${index}`, purpose: "harness.value", value })));
  }

  async wrappedBy(masterKey: string): Promise<number> {
    return await this.#count(sql`select count(*)::integer as n from belay.tenant_key where master_key = ${masterKey}`);
  }

  async wrappedByOthers(masterKey: string): Promise<number> {
    return await this.#count(sql`select count(*)::integer as n from belay.tenant_key where master_key <> ${masterKey}`);
  }

  /** The highest version that any tenant has. */
  async newest(): Promise<number> {
    return await this.#count(sql`select max(version)::integer as n from belay.tenant_key`);
  }

  /** The lowest of the versions that tenants are sealed for with now, but for those that came in between. */
  async oldestInUse(): Promise<number> {
    return await this.#count(
      sql`select min(newest)::integer as n from (select max(version) as newest from belay.tenant_key where tenant like 'planted-%' group by tenant) as of_tenants`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  async #count(statement: ReturnType<typeof sql>): Promise<number> {
    const { rows } = await statement.execute(this.#database.db);
    const [row] = rows as readonly { readonly n: number | null }[];
    return row?.n ?? 0;
  }
}
