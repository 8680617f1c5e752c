import { decideMatch, type MatchCandidate, type MatchRules, type ScoredCandidate, type WhyAmbiguous } from "@belay/sdk/identity";
import { readPositions } from "../feed/index.ts";
import { findByKeys, findTaken, hasNewer, type Identify, type KeyRow, type NewRecord, type RecordOrigin } from "../records/index.ts";
import { findOurs, type IdentifyParts } from "./find-ours.ts";
import { insertReviews } from "./store.ts";

/** A record about which somebody has to decide. */
export interface Doubt {
  readonly externalId: string;
  /** The canonical id that it gets for the time being. */
  readonly record: string;
  readonly why: WhyAmbiguous;
  readonly candidates: readonly ScoredCandidate[];
  /** What it was compared by. */
  readonly keys: NewRecord["keys"];
}

/** So many candidates of a review are kept: nobody reads more. */
const mostCandidates = 10;

/**
 * Makes what finds out about new records by the rules of their sync. What we are about to create ourselves is known by its contents, whatever the rules say.
 *
 * What is found out holds for the state of the feed that it was found out in. Whoever adds records locks the end of the feed: if others did so meanwhile with one of the same keys, the page
 * is planned anew, and so two pages never give one thing two canonical ids.
 */
export function identifyWith(parts: IdentifyParts, rules: MatchRules): Identify {
  const { db } = parts;
  return async (origin, records) => {
    const { tenant, model } = origin;
    const before = (await readPositions(db, [tenant])).get(tenant) ?? 0;
    const keys = [...new Set(records.flatMap((record) => record.keys.map(({ key }) => key)))];
    const { ids, doubts } = await decide(parts, rules, origin, records, keys);
    return {
      ids,
      confirm: async (tx, end) => end === before || keys.length === 0 || !(await hasNewer(tx, tenant, model, keys, before)),
      keep: async (tx) => {
        if (doubts.length > 0) await insertReviews(tx, origin, doubts);
      },
    };
  };
}

async function decide(
  parts: IdentifyParts,
  rules: MatchRules,
  origin: RecordOrigin,
  records: readonly NewRecord[],
  keys: readonly string[],
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly doubts: readonly Doubt[] }> {
  const { db } = parts;
  const expected = await findOurs(parts, origin, records);
  const found = keys.length === 0 ? [] : await findByKeys(db, origin.tenant, origin.model, keys);
  const taken = new Set(await findTaken(db, origin, [...new Set([...found.map(({ id }) => id), ...[...expected.values()].flat()])]));
  const holders = holdersOf(found);
  const ids = new Map<string, string>();
  const doubts: Doubt[] = [];
  for (const record of records) {
    const ours = expected.get(record.externalId)?.find((id) => !taken.has(id));
    const outcome = ours === undefined ? decideMatch(candidatesOf(record.keys, holders, taken), rules) : undefined;
    const id = ours ?? (outcome?.kind === "linked" ? outcome.id : record.id);
    if (id !== record.id) ids.set(record.externalId, id);
    if (outcome?.kind === "ambiguous")
      doubts.push({
        externalId: record.externalId,
        record: id,
        why: outcome.why,
        candidates: outcome.candidates.slice(0, mostCandidates),
        keys: record.keys,
      });
    // The next of the page with one of its keys is not it: this connection has two.
    taken.add(id);
    for (const { key } of record.keys) hold(holders, key, id);
  }
  return { ids, doubts };
}

/** Things by the keys that they have. */
type Holders = Map<string, Set<string>>;

/** Who has which key. */
export function holdersOf(found: readonly KeyRow[]): Holders {
  const holders: Holders = new Map();
  for (const { id, key } of found) hold(holders, key, id);
  return holders;
}

function hold(holders: Holders, key: string, id: string): void {
  const known = holders.get(key);
  if (known === undefined) holders.set(key, new Set([id]));
  else known.add(id);
}

/** The things that have one of these keys, with the kinds of those that they have. */
export function candidatesOf(
  keys: NewRecord["keys"],
  holders: ReadonlyMap<string, ReadonlySet<string>>,
  taken: ReadonlySet<string>,
): MatchCandidate[] {
  const byId = new Map<string, string[]>();
  for (const { kind, key } of keys) for (const id of holders.get(key) ?? []) byId.set(id, [...(byId.get(id) ?? []), kind]);
  return [...byId].map(([id, agreesOn]) => ({ id, agreesOn: [...new Set(agreesOn)], isTaken: taken.has(id) }));
}
