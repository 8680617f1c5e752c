import type { Db } from "../db/index.ts";
import { readOwners, readVersions } from "../feed/index.ts";
import { findTwins, listLinks, listShared, readUnseen, type RecordLink, type RecordOrigin } from "../records/index.ts";
import type { ComparedWalk } from "../syncs/index.ts";
import { clearConclusions, findDiscrepant, insertDiscrepancies, readUnlisted, setDuplicated } from "./discrepancy-store.ts";
import type { DiscrepancyReason, NewDiscrepancy } from "./types.ts";

interface PlanKey {
  readonly tenant: string;
  readonly id: number;
}

const chunk = 1_000;
/** More canonical ids that are shared without a reason are no slip of a few: the rest is found when these are mended. */
const mostShared = 10_000;
/** So many versions back is looked for the first of a record, and for a merge. */
const mostVersions = 1_000;

/**
 * Looks at what no page can show: records that a complete listing has no more, those of them that are kept twice, and those that have the canonical id of something else. Begins
 * anew when it is called again.
 *
 * @param complete The listing was seen to its end. Without that nothing is extra.
 */
export async function conclude(db: Db, walk: ComparedWalk, plan: PlanKey, { complete }: { readonly complete: boolean }): Promise<void> {
  await db.transaction().execute((tx) => clearConclusions(tx, plan));
  if (complete) {
    await findExtra(db, walk, plan);
    await findDuplicated(db, walk.origin, plan);
  }
  await findMoved(db, walk, plan);
  await findShared(db, walk, plan);
}

async function findExtra(db: Db, { origin, begunAfter }: ComparedWalk, plan: PlanKey): Promise<void> {
  let after = "";
  for (;;) {
    const unseen = await db.transaction().execute(async (tx) => {
      const rows = await readUnseen(tx, origin, { knownUntil: begunAfter, after, limit: chunk });
      const found = rows.map(({ externalId, id, position, version }): NewDiscrepancy => {
        return {
          externalId,
          class: "extra",
          why: "not-listed",
          repair: "delete",
          record: id,
          position,
          version,
          other: null,
          contents: null,
        };
      });
      await insertDiscrepancies(tx, plan, found);
      return rows;
    });
    const last = unseen.at(-1);
    if (last === undefined || unseen.length < chunk) return;
    after = last.externalId;
  }
}

/** What is not listed and is the same as something that is, is the second copy of that. */
async function findDuplicated(db: Db, origin: RecordOrigin, plan: PlanKey): Promise<void> {
  let after = "";
  for (;;) {
    const ids = await readUnlisted(db, plan, after, chunk);
    const last = ids.at(-1);
    if (last === undefined) return;
    const twins = await findTwins(db, origin, ids);
    // Two that are both not listed are no copies of anything that is.
    const alsoGone = await findDiscrepant(db, plan, "delete", [...new Set(twins.map(({ twin }) => twin))]);
    const byId = new Map<string, { externalId: string; twin: string; why: DiscrepancyReason }>();
    for (const { externalId, twin, by } of twins) {
      if (alsoGone.has(twin) || byId.get(externalId)?.why === "same-data") continue;
      byId.set(externalId, { externalId, twin, why: by === "data" ? "same-data" : "same-keys" });
    }
    if (byId.size > 0) await setDuplicated(db, plan, [...byId.values()]);
    after = last;
  }
}

/** A record whose canonical id is not the one that the feed told of: nobody linked it, or nobody was told. */
async function findMoved(db: Db, { origin, begunAfter }: ComparedWalk, plan: PlanKey): Promise<void> {
  let after = "";
  for (;;) {
    const links = await listLinks(db, origin, { knownUntil: begunAfter, after, limit: chunk });
    const last = links.at(-1);
    if (last === undefined) return;
    const positions = links.map(({ position }) => position);
    const owners = await readOwners(db, origin.tenant, positions);
    const wrong = links.flatMap((link) => {
      const owner = owners.get(link.position)?.record;
      return owner === undefined || owner === link.id ? [] : [toWrong(link, "id-differs-from-feed", owner)];
    });
    // What is to be deleted needs no other id any more.
    const going = await findDiscrepant(db, plan, "delete", wrong.map(nameOf));
    await insertDiscrepancies(
      db,
      plan,
      wrong.filter(({ externalId }) => !going.has(externalId)),
    );
    after = last.externalId;
  }
}

function nameOf({ externalId }: { readonly externalId: string }): string {
  return externalId;
}

function toWrong({ externalId, id, position, version }: RecordLink, why: DiscrepancyReason, right: string | null): NewDiscrepancy {
  return { externalId, class: "wrongly-linked", why, repair: "relink", record: id, position, version, other: right, contents: null };
}

/** Records of one resource that share a canonical id, which nothing joins and nobody merged: the one that had it first keeps it. */
async function findShared(db: Db, { origin, begunAfter }: ComparedWalk, plan: PlanKey): Promise<void> {
  const { tenant } = origin;
  for (const { records } of await listShared(db, origin, { knownUntil: begunAfter, limit: mostShared })) {
    const ids = records.map(nameOf);
    const [known, going] = [await findDiscrepant(db, plan, "relink", ids), await findDiscrepant(db, plan, "delete", ids)];
    const left = records.filter(({ externalId }) => !known.has(externalId) && !going.has(externalId));
    if (left.length < 2) continue;
    const histories: { readonly link: RecordLink; readonly first: number; readonly isMerged: boolean }[] = [];
    for (const link of left) {
      const versions = await readVersions(db, tenant, link.position, mostVersions);
      histories.push({ link, first: versions.at(-1)?.position ?? link.position, isMerged: versions.some(({ kind }) => kind === "merged") });
    }
    // Somebody, or a rule, has said that they are one thing, however they have changed since.
    if (histories.some(({ isMerged }) => isMerged)) continue;
    const [, ...later] = histories.toSorted((a, b) => a.first - b.first);
    await insertDiscrepancies(
      db,
      plan,
      later.map(({ link }) => toWrong(link, "shared-without-match", null)),
    );
  }
}
