import { type Connection, Secret } from "@belay/sdk";
import { type Credential, type Credentials, staticCredentials } from "@belay/sdk/http";
import type { ConnectionUpdate } from "./protocol.ts";

/** Asks the main thread for another credential than this version. Resolves when it is here; rejects with why there is none. */
export type AskRenewed = (connection: string, version: number, signal?: AbortSignal) => Promise<void>;

/** What was given for a connection. */
interface Given {
  version: number;
  fields: Credential;
}

/** The connections that a thread knows: those of its configuration, and what the main thread has told since. */
export class ThreadConnections {
  readonly #byId: Map<string, Connection>;
  readonly #byTenant: Map<string, Connection[]>;
  readonly #configured: ReadonlyMap<string, Connection>;
  readonly #given = new Map<string, Given>();
  readonly #askRenewed: AskRenewed | undefined;

  constructor(configured: readonly Connection[], askRenewed?: AskRenewed) {
    this.#configured = new Map(configured.map((connection) => [connection.id, connection]));
    this.#byId = new Map(this.#configured);
    this.#byTenant = Map.groupBy(configured, ({ tenant }) => tenant);
    this.#askRenewed = askRenewed;
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id);
  }

  /** Empty for a tenant that has none. With the credentials that are in use, so that they can be taken out of texts. */
  ofTenant(tenant: string): readonly Connection[] {
    return this.#byTenant.get(tenant) ?? [];
  }

  /** @returns the connections whose clients do not hold any more. */
  learn(updates: readonly ConnectionUpdate[]): string[] {
    const changed: string[] = [];
    for (const { id, definition, credential, gone } of updates) {
      const known = this.#byId.get(id);
      if (gone === true) {
        this.#given.delete(id);
        this.#put(id, known, this.#configured.get(id));
        changed.push(id);
        continue;
      }
      const given = this.#given.get(id);
      const fields = credential && Object.fromEntries(Object.entries(credential.fields).map(([name, text]) => [name, new Secret(text)]));
      if (credential !== undefined && fields !== undefined) {
        // The client asks the same object for its credential before each attempt.
        if (given === undefined) this.#given.set(id, { version: credential.version, fields });
        else Object.assign(given, { version: credential.version, fields });
      }
      // The first credential that is given replaces the configuration's, which its client holds for good.
      if (definition !== undefined || given === undefined) changed.push(id);
      const base = definition ?? known;
      const used = fields ?? given?.fields;
      if (base !== undefined) this.#put(id, known, { ...base, ...(used !== undefined && { credential: used }) });
    }
    return changed;
  }

  /** What a client of the connection asks for its credential. */
  credentialsOf({ id, credential }: Connection): Credentials {
    const given = this.#given.get(id);
    const ask = this.#askRenewed;
    if (given === undefined || ask === undefined) return staticCredentials(credential);
    return { current: () => given.fields, refresh: async (signal) => await ask(id, given.version, signal) };
  }

  #put(id: string, before: Connection | undefined, connection: Connection | undefined): void {
    if (before !== undefined) {
      const others = this.ofTenant(before.tenant).filter((each) => each.id !== id);
      if (others.length > 0) this.#byTenant.set(before.tenant, others);
      else this.#byTenant.delete(before.tenant);
    }
    if (connection === undefined) this.#byId.delete(id);
    else {
      this.#byId.set(id, connection);
      this.#byTenant.set(connection.tenant, [...this.ofTenant(connection.tenant), connection]);
    }
  }
}
