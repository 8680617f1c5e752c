import { type Connection, Secret } from "@belay/sdk";
import type { Renewal, Renewer, RenewalOutcome } from "../../packages/server/src/credentials/index.ts";

/** What happens to one call instead of a plain answer. */
export type CallScript = (answer: () => RenewalOutcome) => RenewalOutcome | Promise<RenewalOutcome>;

/** Ten minutes, single use, and a second use of a token ends the grant. */
export const rotating: Renewal = { kind: "refresh", singleUse: true, settleMs: 30_000, lifetimeMs: 600_000 };

/**
 * A provider's own books: which refresh token is the one of its connection, and how often each was used. Stands where the OAuth protocol and the network would be; tests
 * decide when a call reaches it, and what becomes of its answer.
 */
export class TokenLedger implements Renewer {
  renewal: Renewal | undefined = rotating;
  /** Calls that arrived. */
  arrived = 0;
  granted = 0;
  reused = 0;
  expiresInMs: number | null = 600_000;
  script: CallScript = (answer) => answer();
  readonly #now: () => number;
  /** The living refresh token of each connection; a revoked grant has none. */
  readonly #living = new Map<string, string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The first grant of a connection, as a person's consent would give it. */
  consent(connection: string): { readonly accessToken: Secret; readonly refreshToken: Secret } {
    this.#living.set(connection, `${connection}-refresh-0`);
    return { accessToken: new Secret(`${connection}-access-0`), refreshToken: new Secret(`${connection}-refresh-0`) };
  }

  revoke(connection: string): void {
    this.#living.delete(connection);
  }

  of(_connection: Pick<Connection, "id">): Renewal | undefined {
    return this.renewal;
  }

  async renew({ id }: Connection, fields: Readonly<Record<string, Secret>>): Promise<RenewalOutcome> {
    return await this.script(() => this.#answer(id, fields["refreshToken"]?.reveal()));
  }

  classOf(code: string): ReturnType<Renewer["classOf"]> {
    if (code === "OAUTH_CLIENT_REFUSED") return "configuration-mistake";
    return code.startsWith("OAUTH_GRANT") ? "credential-refused" : "provider-unavailable";
  }

  #answer(connection: string, token: string | undefined): RenewalOutcome {
    this.arrived += 1;
    if (token === undefined || this.#living.get(connection) !== token) {
      if (token !== undefined && this.#living.has(connection)) this.reused += 1;
      this.#living.delete(connection);
      return { kind: "refused", code: "OAUTH_GRANT_ENDED", detail: "invalid_grant" };
    }
    this.granted += 1;
    const next = `${connection}-refresh-${this.granted}`;
    if (this.renewal?.singleUse === true) this.#living.set(connection, next);
    const expiresAtMs = this.expiresInMs === null ? null : this.#now() + this.expiresInMs;
    const rotated = this.renewal?.singleUse === true ? { refreshToken: new Secret(next) } : {};
    const fields = { accessToken: new Secret(`${connection}-access-${this.granted}`), ...rotated };
    return { kind: "granted", grant: { fields, expiresAtMs, refreshExpiresAtMs: null, scopes: undefined } };
  }
}
