import type { Connection } from "@belay/sdk";
import { type Db, processDatabaseError } from "../db/index.ts";
import { insertEvents, type NewEvent } from "../stream/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { judgeFailure } from "./judge-outcome.ts";
import type { Grant } from "../oauth/index.ts";
import type { RenewalOutcome } from "./outcome.ts";
import { planRefresh, type Renewal } from "./plan-refresh.ts";
import type { Renewer } from "./renewer.ts";
import { type Fields, openFields, printOf, sealFields } from "./seal-fields.ts";
import { type CredentialRow, extendLease, type LeaseWish, type NewFields, noteFailure, storeRenewed, takeLease } from "./store.ts";

export interface RenewalParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly renewer: Renewer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Names this process among all. */
  readonly owner: string;
  /** How long a lease holds without being extended, ms: so long after a crash another process looks. */
  readonly leaseMs: number;
  /** Called in the transaction that makes a connection usable again: what waits for it goes on. */
  readonly onUsable: (db: Db, tenant: string) => Promise<void>;
  /** Ends what would wait for ever when the process goes down. */
  readonly signal: AbortSignal;
}

/** `busy`: somebody else renews it, or it is not time. `failed`: it could not be renewed; the row says why. */
export type RenewalEnd = "renewed" | "superseded" | "failed" | "busy";

/**
 * Renews a credential once, if nobody else does: takes the lease, asks the provider, stores the answer. No connection of the database is held while the provider takes
 * its time; the lease is kept meanwhile. Never gives a call up that has begun.
 *
 * Two processes can do this at once only if one of them lost its lease in the middle of its call (it stood still, or the database was away). Then the grant that is stored
 * first counts, and the other's failure, whatever it was, is of no consequence.
 */
export async function renewCredential(
  parts: RenewalParts,
  connection: Connection,
  seen: CredentialRow,
  renewal: Renewal,
): Promise<RenewalEnd> {
  const { singleUse, settleMs } = renewal;
  const wish: LeaseWish = { version: seen.version, owner: parts.owner, leaseMs: parts.leaseMs, singleUse, settleMs };
  const row = await takeLease(parts.db, seen, wish);
  if (row === undefined || row.fields === null) return "busy";
  const fields = await readFields(parts, row, row.fields);
  const outcome =
    fields === undefined ? failedHere : await underLease(parts, row, wish, () => ask(parts, connection, withClientOf(connection, fields)));
  if (outcome.kind === "granted" && fields !== undefined) return await storeGrant(parts, row, renewal, fields, outcome.grant);
  return await storeFailure(parts, row, outcome.kind === "granted" ? failedHere : outcome);
}

const failedHere = {
  kind: "unavailable",
  code: "CREDENTIAL_RENEWAL_FAILED",
  detail: "Nothing was sent.",
} as const satisfies RenewalOutcome;

/** What is stored, with what the configuration says of the client: a secret that was changed there counts at once. */
function withClientOf({ credential = {} }: Connection, fields: Fields): Fields {
  const { accessToken: _access, refreshToken: _refresh, ...client } = credential;
  return { ...fields, ...client };
}

async function readFields({ cipher, logger }: RenewalParts, row: CredentialRow, sealed: Uint8Array): Promise<Fields | undefined> {
  try {
    return await openFields(cipher, row, row.version, sealed);
  } catch (error) {
    logger.error({ error, tenant: row.tenant, connection: row.connection }, "A credential that is to be renewed cannot be opened.");
    return undefined;
  }
}

async function ask({ renewer, logger }: RenewalParts, connection: Connection, fields: Fields): Promise<RenewalOutcome> {
  try {
    return await renewer.renew(connection, fields);
  } catch (error) {
    // How far it came cannot be said any more.
    logger.error(
      { error, tenant: connection.tenant, connection: connection.id },
      "Renewing a credential failed in a way that nobody foresaw.",
    );
    return { kind: "unknown", code: "CREDENTIAL_RENEWAL_FAILED", detail: "An unforeseen error." };
  }
}

/** Keeps the lease while `work` goes on. That it was lost, or cannot be extended, changes nothing about the call. */
async function underLease<Result>(parts: RenewalParts, row: CredentialRow, wish: LeaseWish, work: () => Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const extending = (async () => {
    for (;;) {
      await parts.clock.sleep(wish.leaseMs / 3, done.signal);
      if (done.signal.aborted) return;
      try {
        if (!(await extendLease(parts.db, row, row.leaseGeneration, wish))) return;
      } catch (error) {
        parts.logger.warn(
          { error, tenant: row.tenant, connection: row.connection },
          "The lease of a renewal could not be extended; its call goes on.",
        );
      }
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await extending;
  }
}

async function storeGrant(parts: RenewalParts, row: CredentialRow, renewal: Renewal, before: Fields, grant: Grant): Promise<RenewalEnd> {
  const { cipher, clock, random, db, logger } = parts;
  // A provider that gives no new refresh token means that the old one goes on.
  const fields = { ...before, ...grant.fields };
  const version = row.version + 1;
  const stored = await untilStored(parts, async () => {
    const renewed: NewFields = {
      version,
      fields: await sealFields(cipher, row, version, fields),
      tokenPrint: await printOf(cipher, row.tenant, fields["refreshToken"]),
      ...planRefresh({ ...grant, fields }, renewal, clock.now(), random),
      scopes: grant.scopes,
      account: grant.account,
    };
    return await db.transaction().execute(async (tx) => {
      const counts = await storeRenewed(tx, row, row.tokenPrint, renewed);
      if (counts) await insertEvents(tx, tellRenewed(row, version, grant));
      // What waits until the next try need not wait any longer.
      if (counts && row.attempts > 0) await parts.onUsable(tx, row.tenant);
      return counts;
    });
  });
  if (stored === true) return "renewed";
  logger.warn({ tenant: row.tenant, connection: row.connection }, "A grant came for a credential that is another by now; it is not used.");
  return stored === undefined ? "failed" : "superseded";
}

function tellRenewed({ tenant, connection, unanswered, scopes, code }: CredentialRow, version: number, grant: Grant): NewEvent[] {
  const whose = { tenant, connection };
  const renewed: NewEvent = {
    type: "credential.refreshed",
    ...whose,
    ...(code !== null && { cause: code }),
    data: { version, recovered: unanswered > 1 },
  };
  const missing = grant.scopes === undefined ? [] : (scopes ?? []).filter((scope) => grant.scopes?.includes(scope) !== true);
  return missing.length === 0
    ? [renewed]
    : [renewed, { type: "credential.scopes-reduced", ...whose, data: { missing: missing.join(" ") } }];
}

async function storeFailure(
  parts: RenewalParts,
  row: CredentialRow,
  outcome: Exclude<RenewalOutcome, { kind: "granted" }>,
): Promise<RenewalEnd> {
  const { db, renewer, random, logger } = parts;
  const { tenant, connection } = row;
  const judged = judgeFailure(outcome, row, { classOf: (code) => renewer.classOf(code), random });
  logger.warn(
    { tenant, connection, code: judged.code, state: judged.state, attempts: row.attempts + 1 },
    "A credential could not be renewed.",
  );
  const noted = await untilStored(parts, () =>
    db.transaction().execute(async (tx) => {
      const counts = await noteFailure(tx, row, { ...judged, version: row.version, generation: row.leaseGeneration });
      const told = row.state === judged.state && row.code === judged.code;
      if (counts && !told) {
        const type = judged.state === "needs_reconnect" ? "connection.needs-reconnect" : "credential.refresh-failed";
        await insertEvents(tx, [{ type, tenant, connection, cause: judged.code, data: { state: judged.state } }]);
      }
      return counts;
    }),
  );
  return noted === true ? "failed" : "superseded";
}

const longestPauseMs = 5_000;

/**
 * The answer of a provider is in nobody's hands but this process's: writing it down is tried until the database takes it. @returns undefined when the process goes down
 * before that, or the database refuses what it is given.
 */
async function untilStored<Result>({ clock, logger, signal }: RenewalParts, write: () => Promise<Result>): Promise<Result | undefined> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await write();
    } catch (error) {
      logger.error({ error, failures }, "What a provider answered about a credential could not be stored yet.");
      if (signal.aborted || processDatabaseError(error) === "refused") return undefined;
      await clock.sleep(Math.min(longestPauseMs, 50 * 2 ** failures), signal);
    }
  }
}
