import type { Connection } from "@belay/sdk";
import { type CatalogInForce, furtherConnections } from "../catalog/index.ts";
import type { CredentialBook, GivenCredential } from "../credentials/index.ts";
import type { Message } from "../mailbox/index.ts";

/** A connection that a run uses, and what its calls are made with. */
export interface NeededConnection {
  readonly id: string;
  /** `undefined`: there is no such connection here. */
  readonly connection: Connection | undefined;
  /** The thread has read it in its configuration. */
  readonly configured: boolean;
  readonly given: GivenCredential | undefined;
}

/** What a thread has to know before a run begins in it. */
export interface RunNeeds {
  readonly connections: readonly NeededConnection[];
  /** The further connections, by the names that the flow gave them; only where it has some. */
  readonly further?: Readonly<Record<string, string>>;
}

/** What runs need of their connections. Asked for every event: where everything is in memory no promise is made, and what the configuration holds is not even mentioned. */
export interface ConnectionSource {
  /**
   * Undefined: nothing beyond the thread's configuration.
   *
   * @throws, or rejects with, the code of what keeps a credential from being used: the run must not begin.
   */
  needsOf(target: string, message: Message): RunNeeds | undefined | Promise<RunNeeds | undefined>;
  /** After the provider has refused a credential. @throws as above. */
  renew(connection: string, version: number): Promise<NeededConnection>;
}

/** Looks connections up in the catalog that holds now, and their credentials in the book. */
export function connectionSource(catalog: CatalogInForce, credentials: Pick<CredentialBook, "current" | "refused">): ConnectionSource {
  const isConfigured = ({ id }: Connection): boolean => !catalog.isAdded(id);
  const toNeeded = (connection: Connection, given: GivenCredential): NeededConnection => ({
    id: connection.id,
    connection,
    configured: isConfigured(connection),
    given,
  });
  return {
    needsOf: (targetId, message) => {
      const target = catalog.connections.get(targetId);
      // The thread may have been told of it before; its own configuration's it knows better.
      if (target === undefined) return { connections: [{ id: targetId, connection: undefined, configured: false, given: undefined }] };
      const flow = catalog.flows.get(message.flow);
      const further =
        flow?.connections === undefined
          ? undefined
          : furtherConnections(catalog.ofTenant(message.tenant), flow, { id: message.connection, tenant: message.tenant });
      if (further === undefined) {
        const given = credentials.current(target);
        if (given instanceof Promise) return given.then((later) => ({ connections: [toNeeded(target, later)] }));
        return given.version === 0 && isConfigured(target) ? undefined : { connections: [toNeeded(target, given)] };
      }
      const all = [...new Set([target, ...Object.values(further)])];
      const names = Object.fromEntries(Object.entries(further).map(([name, { id }]) => [name, id]));
      const givens = all.map((connection) => credentials.current(connection));
      const toNeeds = (known: readonly GivenCredential[]): RunNeeds => ({
        connections: all.flatMap((connection, index) => (known[index] === undefined ? [] : [toNeeded(connection, known[index])])),
        further: names,
      });
      if (areKnown(givens)) return toNeeds(givens);
      return Promise.all(givens.map(async (given) => await given)).then(toNeeds);
    },
    renew: async (id, version) => {
      const connection = catalog.connections.get(id);
      if (connection === undefined) return { id, connection: undefined, configured: false, given: undefined };
      return toNeeded(connection, await credentials.refused(connection, version));
    },
  };
}

function areKnown(givens: readonly (GivenCredential | Promise<GivenCredential>)[]): givens is readonly GivenCredential[] {
  return !givens.some((given) => given instanceof Promise);
}
