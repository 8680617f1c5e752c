import type { Db } from "../db/index.ts";
import { resumeOneByOne } from "../mailbox/index.ts";
import { insertEvents } from "../stream/index.ts";
import { closeBreaker, judgeProvider, notifyBreakers, openConnection, releaseProbe, reopenBreaker, toRow, vouchFor } from "./store.ts";
import type { ProbeEnd, ProviderSize, Trip, Vouch } from "./types.ts";

export interface ChangeParts {
  readonly db: Db;
  /** How many connections a provider has, and whose. */
  readonly sizeOf: (provider: string) => ProviderSize;
}

/** What is done to breakers, each in a transaction; each answers whether something has changed that all processes are to know. */
export interface BreakerChanges {
  trip(trip: Trip): Promise<boolean>;
  end(end: ProbeEnd): Promise<boolean>;
  vouch(vouch: Vouch): Promise<boolean>;
}

/** Why a mailbox waits for a breaker. */
const cause = "HTTP_CIRCUIT_OPEN";

/** What may be done to breakers, by whichever process. */
export function changeBreakers({ db, sizeOf }: ChangeParts): BreakerChanges {
  const judge = async (tx: Db, provider: string): Promise<void> => {
    const size = sizeOf(provider);
    if (!(await judgeProvider(tx, provider, size))) return;
    // One incident, however many connections: nobody is told of each.
    const data = { provider, connections: size.connections, tenants: size.tenants.length };
    await insertEvents(tx, [{ type: "provider.outage-began", cause, data }]);
  };
  const close = async (tx: Db, { scope, key, token }: ProbeEnd): Promise<boolean> => {
    const closed = await closeBreaker(tx, { scope, key }, token);
    if (closed === undefined) return false;
    const size = scope === "provider" ? sizeOf(key) : undefined;
    if (size !== undefined) {
      const data = {
        provider: key,
        connections: size.connections,
        tenants: size.tenants.length,
        seconds: Math.round(closed.openMs / 1_000),
      };
      await insertEvents(tx, [{ type: "provider.outage-ended", data }]);
    }
    await resumeOneByOne(tx, size?.tenants ?? [toRow({ scope, key }).tenant], cause);
    return true;
  };
  return {
    trip: async ({ connection, provider, alone }) =>
      await db.transaction().execute(async (tx) => {
        await openConnection(tx, { connection, provider, alone });
        if (!alone) await judge(tx, provider);
        await notifyBreakers(tx);
        return true;
      }),
    end: async (end) => {
      const { scope, key, token, outcome, alone } = end;
      if (outcome === "released") {
        await releaseProbe(db, { scope, key }, token);
        return true;
      }
      return await db.transaction().execute(async (tx) => {
        if (outcome === "success") {
          if (!(await close(tx, end))) return false;
        } else {
          const provider = await reopenBreaker(tx, { scope, key }, token, alone);
          if (provider === undefined) return false;
          if (scope === "connection" && !alone) await judge(tx, provider);
        }
        await notifyBreakers(tx);
        return true;
      });
    },
    vouch: async ({ provider, connection }) => {
      if (!(await vouchFor(db, provider, connection))) return false;
      await notifyBreakers(db);
      return true;
    },
  };
}
