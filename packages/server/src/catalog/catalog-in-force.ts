import type { Catalog } from "./catalog.ts";

/** The catalog that holds now. Who keeps it asks it anew for each event, and so follows when another one comes into force. */
export class CatalogInForce implements Catalog {
  #current: Catalog;

  constructor(first: Catalog) {
    this.#current = first;
  }

  /** From now on `next` holds. */
  replace(next: Catalog): void {
    this.#current = next;
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

  get flows(): Catalog["flows"] {
    return this.#current.flows;
  }

  get endpoints(): Catalog["endpoints"] {
    return this.#current.endpoints;
  }

  get hostRoutes(): Catalog["hostRoutes"] {
    return this.#current.hostRoutes;
  }
}
