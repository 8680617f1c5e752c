import type { Secret } from "../secret.ts";

/** The fields of a credential, as the connector's `auth` names them. */
export type Credential = Readonly<Record<string, Secret>>;

/** Where the pipeline gets a connection's credential. */
export interface Credentials {
  /** The credential to use now. The same object as long as it is the same credential. */
  current(): Credential;
  /**
   * Called once per call after the provider answered 401; the next attempt uses `current()` again. Absent for credentials that
   * only a person can renew.
   */
  readonly refresh?: ((signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Credentials that stay as the configuration gave them. */
export function staticCredentials(credential: Credential | undefined): Credentials {
  const fields = credential ?? {};
  return { current: () => fields };
}
