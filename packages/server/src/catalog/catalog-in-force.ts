import type { Connection } from "@belay/sdk";
import type { Catalog, GrowingCatalog, WebhookSecrets } from "./catalog.ts";

/** A connection that came, was changed, or went. */
export type CatalogChange = { readonly kind: "put"; readonly connection: Connection } | { readonly kind: "removed"; readonly id: string };

/**
 * The catalog that holds now. Who keeps it asks it anew for each event, and so follows when another one comes into force, and when connections come and go.
 * Connections that were put in stay when the configuration is replaced.
 */
export class CatalogInForce implements GrowingCatalog {
  #current: GrowingCatalog;
  readonly #added = new Map<string, { readonly connection: Connection; readonly webhookSecrets: WebhookSecrets | undefined }>();
  readonly #watchers = new Set<(change: CatalogChange) => void>();

  constructor(first: GrowingCatalog) {
    this.#current = first;
  }

  /** From now on `next` holds. */
  replace(next: GrowingCatalog): void {
    for (const { connection, webhookSecrets } of this.#added.values()) next.put(connection, webhookSecrets);
    this.#current = next;
  }

  put(connection: Connection, webhookSecrets?: WebhookSecrets): void {
    this.#added.set(connection.id, { connection, webhookSecrets });
    this.#current.put(connection, webhookSecrets);
    for (const tell of this.#watchers) tell({ kind: "put", connection });
  }

  remove(id: string): void {
    if (!this.#added.delete(id)) return;
    this.#current.remove(id);
    for (const tell of this.#watchers) tell({ kind: "removed", id });
  }

  /** Connections that are not of the configuration. */
  get added(): readonly Connection[] {
    return [...this.#added.values()].map(({ connection }) => connection);
  }

  /** Whether a connection was made while Belay runs; those of the configuration were not. */
  isAdded(id: string): boolean {
    return this.#added.has(id);
  }

  /** Calls `tell` after each change of one connection, until the returned function is called. Must be quick. */
  watch(tell: (change: CatalogChange) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  get config(): Catalog["config"] {
    return this.#current.config;
  }

  get connectors(): Catalog["connectors"] {
    return this.#current.connectors;
  }

  get connections(): Catalog["connections"] {
    return this.#current.connections;
  }

  ofTenant(tenant: string): ReturnType<Catalog["ofTenant"]> {
    return this.#current.ofTenant(tenant);
  }

  get batches(): Catalog["batches"] {
    return this.#current.batches;
  }

  get flows(): Catalog["flows"] {
    return this.#current.flows;
  }

  get syncs(): Catalog["syncs"] {
    return this.#current.syncs;
  }

  get twoWays(): Catalog["twoWays"] {
    return this.#current.twoWays;
  }

  get endpoints(): Catalog["endpoints"] {
    return this.#current.endpoints;
  }

  get hostRoutes(): Catalog["hostRoutes"] {
    return this.#current.hostRoutes;
  }
}
