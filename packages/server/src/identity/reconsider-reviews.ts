import { BelayError, isBelayError } from "@belay/sdk";
import { decideMatch, type MatchRules } from "@belay/sdk/identity";
import type { Db } from "../db/index.ts";
import { findByKeys, findKeyed, findTaken, type KeyedRecord, type ListPart, readRows, type RecordOrigin } from "../records/index.ts";
import { candidatesOf, holdersOf } from "./identify.ts";
import { mergeThings, type MergeParts } from "./merge-things.ts";
import { type AskedRecord, closeReview, listAsked } from "./store.ts";

export interface ReconsiderParts extends MergeParts {
  /** Called in the transaction that ends a review, with the things that it was about. */
  readonly onDecided?: ((tx: Db, tenant: string, records: readonly string[]) => Promise<void>) | undefined;
}

/** Who says so, where nobody had to. */
const actor = "belay";

/** So many reviews are read at once. */
const chunk = 200;

/**
 * Asks the rules again about the records of a connection that somebody is asked about: who deletes a record and makes it anew, corrects an address, or merges two by hand has answered the
 * question. A review stays open only as long as the rules still cannot say.
 *
 * Safe to call twice.
 *
 * @param leaving The records that are on this part of the list are about to be deleted, and take nothing.
 * @throws what the database throws.
 */
export async function reconsiderReviews(
  parts: ReconsiderParts,
  rules: MatchRules,
  origin: RecordOrigin,
  leaving: ListPart | "none",
): Promise<void> {
  for (let after = 0; ;) {
    const asked = await listAsked(parts.db, origin, after, chunk);
    const found = await findKeyed(parts.db, origin, [...new Set(asked.map(({ externalId }) => externalId))]);
    const records = new Map(found.map((record) => [record.externalId, record]));
    for (const one of asked) await reconsider(parts, rules, origin, one, records.get(one.externalId), leaving);
    const last = asked.at(-1);
    if (last === undefined || asked.length < chunk) return;
    after = last.id;
  }
}

async function reconsider(
  parts: ReconsiderParts,
  rules: MatchRules,
  origin: RecordOrigin,
  asked: AskedRecord,
  now: KeyedRecord | undefined,
  leaving: ListPart | "none",
): Promise<void> {
  const { tenant } = origin;
  const { id, record, candidates, externalId } = asked;
  const close = async (tx: Db, state: "linked" | "apart"): Promise<boolean> => {
    const isClosed = await closeReview(tx, tenant, id, state, actor);
    if (isClosed) await parts.onDecided?.(tx, tenant, [record, ...candidates]);
    return isClosed;
  };
  // It is gone, or somebody has said what it is by hand.
  if (now?.id !== record) {
    await parts.db.transaction().execute((tx) => close(tx, now !== undefined && candidates.includes(now.id) ? "linked" : "apart"));
    return;
  }
  if (asked.keys === null) return;
  const keys = asked.keys.filter(({ key }) => now.keys.includes(key));
  const found = (await findByKeys(parts.db, tenant, origin.model, [...new Set(keys.map(({ key }) => key))])).filter(
    (row) => row.id !== record,
  );
  const holders = holdersOf(found);
  const without = { leaving, externalId };
  const taken = await findTaken(parts.db, origin, [...new Set(found.map((row) => row.id))], without);
  const outcome = decideMatch(candidatesOf(keys, holders, taken), rules);
  if (outcome.kind === "ambiguous") return;
  if (outcome.kind === "new") {
    await parts.db.transaction().execute((tx) => close(tx, "apart"));
    return;
  }
  // Other connections have it by now, under the name that it got for the time being: what that makes of it, somebody has to say.
  if ((await readRows(parts.db, tenant, record)).length > 1) return;
  const request = { tenant, survivor: outcome.id, merged: record, why: `review ${id}`, actor };
  await mergeThings(
    parts,
    request,
    async (tx) => {
      if (!(await close(tx, "linked"))) throw new BelayError("IDENTITY_REVIEW_DECIDED", `Review ${id} was decided meanwhile.`);
    },
    async (tx) => !(await findTaken(tx, origin, [outcome.id], without)).has(outcome.id),
  ).catch((error: unknown) => {
    // Somebody has decided, or something has changed meanwhile: then the next walk asks again.
    if (!isBelayError(error) || !error.code.startsWith("IDENTITY_")) throw error;
  });
}
