import type { Connection, FailureClass } from "@belay/sdk";
import type { RenewalOutcome } from "./outcome.ts";
import type { Renewal } from "./plan-refresh.ts";
import type { Fields } from "./seal-fields.ts";

/** Who talks to the providers about credentials; registered by `main.ts`. */
export interface Renewer {
  /** How the connection's credential is renewed; undefined for one that stays as it was given. */
  of(connection: Connection): Renewal | undefined;
  /**
   * Asks the provider for the next grant. Once its bytes have left it is not given up before the provider has answered or cannot any more: the answer is the grant.
   * Never rejects for what a provider or the network does.
   */
  renew(connection: Connection, fields: Fields): Promise<RenewalOutcome>;
  /** What kind of failure a code of an outcome is. */
  classOf(code: string): FailureClass | undefined;
}
