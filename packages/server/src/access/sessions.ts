import { createHash, randomBytes } from "node:crypto";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { LookUpInBatches } from "./look-up-in-batches.ts";
import type { OperatorRole } from "./operator-store.ts";
import { type Permission, permissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { endSessionOf, insertSession, type LivingSession, selectLivingSessions, touchSession } from "./session-store.ts";

/** After so long without a request a session is over. */
export const idleMs = 30 * 60_000;
/** After so long in any case. */
export const lifeMs = 12 * 3_600_000;
/** So long at most a session that was ended elsewhere works on in a process. */
const freshMs = 2_000;
const touchEveryMs = 60_000;

/**
 * What somebody may do who comes with a cookie: not call providers. What a provider answers would be shown by a browser as if it were ours, and a script in it could do
 * whatever the operator may.
 */
const byCookie = Object.keys(permissions).filter((name): name is Permission => name !== "proxy.call");

export interface Sessions {
  /** Whose session a cookie's value stands for. @throws what the database throws. */
  recognize(text: string): Principal | undefined | Promise<Principal | undefined>;
  /** Begins one, in the transaction of the sign-in. @returns the cookie's value, which is kept nowhere. */
  begin(tx: Db, operator: string, role: OperatorRole): Promise<string>;
  /** Ends the session of a cookie. Calling it twice is safe. */
  end(text: string): Promise<void>;
}

/** Sessions of operators: 256 random bits in a cookie, of which a hash is kept; a plain one is enough, because nobody can guess them. */
export function openSessions({ db, clock, logger }: { db: Db; clock: Clock; logger: Logger }): Sessions {
  const sessions = new LookUpInBatches<LivingSession>({
    clock,
    freshMs,
    read: async (hashes) => new Map((await selectLivingSessions(db, hashes, idleMs)).map((session) => [session.hash, session])),
  });
  const touched = new Map<string, number>();
  const judge = (session: LivingSession | undefined): Principal | undefined => {
    if (session === undefined) return undefined;
    const { id, operator, role, seenAtMs } = session;
    const now = clock.now();
    if (now - (touched.get(id) ?? seenAtMs) >= touchEveryMs) {
      if (touched.size > 10_000) touched.clear();
      touched.set(id, now);
      touchSession(db, id).catch((error: unknown) => logger.warn({ error }, "The last use of a session could not be written down."));
    }
    return { kind: "operator", id: operator, role, tenant: undefined, actor: `operator:${operator}`, permissions: byCookie };
  };
  return {
    recognize: (text) => {
      if (!/^[\w-]{43}$/.test(text)) return undefined;
      const found = sessions.find(hashOf(text).toString("hex"));
      return found instanceof Promise ? found.then(judge) : judge(found);
    },
    begin: async (tx, operator, role) => {
      const text = randomBytes(32).toString("base64url");
      await insertSession(tx, { hash: hashOf(text), id: randomBytes(9).toString("hex"), operator, role, livesMs: lifeMs });
      return text;
    },
    end: async (text) => {
      await endSessionOf(db, hashOf(text));
      sessions.forget(hashOf(text).toString("hex"));
    },
  };
}

/** What a page of ours has to send along with whatever changes something: nobody can work it out without the cookie, which no script can read. */
export function antiForgeryToken(text: string): string {
  return createHash("sha256").update(`belay anti-forgery ${text}`).digest("base64url");
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
