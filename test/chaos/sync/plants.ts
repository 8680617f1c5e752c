import type { Transform } from "../crash/transforms.ts";

/** A bug that is put into the product to see whether the histories find it. */
export interface SyncPlant {
  readonly meaning: string;
  readonly transforms: readonly Transform[];
}

const walk = "sdk/src/sync/walk";
const syncs = "server/src/syncs";

/** Each is a slip that a careful engineer could make, and that the types and the linter let pass. */
export const syncPlants = {
  "lookback-dropped": {
    meaning: "changes are asked for from the very watermark on: what showed later than its time is never read",
    transforms: [
      {
        file: "sdk/src/sync/changes/watermark.ts",
        find: "const lookbackMs = by.lookback === undefined ? defaultLookbackMs : toMs(by.lookback);",
        replace: "const lookbackMs = 0;",
      },
    ],
  },
  "overlap-dropped": {
    meaning: "a page begins where the one before it ended: what a deletion shifts between two pages is not read, and counts as gone",
    transforms: [
      {
        file: `${walk}/seek.ts`,
        find: 'return overlap < 1 ? seek(plan, kept, state.edge, "blind") : seek(plan, kept, Math.max(0, state.edge - overlap), undefined);',
        replace: "return seek(plan, kept, state.edge, undefined);",
      },
      {
        file: `${walk}/take-counted.ts`,
        find: "if (page.start > 0 && plan.careful && before.loose === undefined && page.anchor < 0) return retreat(page);",
        replace: "",
      },
      {
        file: `${walk}/take-counted.ts`,
        find: "const isJoined = start === 0 || anchor >= 0 || !plan.careful;",
        replace: "const isJoined = true;",
      },
    ],
  },
  "short-page-trusted": {
    meaning: "a page that is shorter than was asked for counts as the last",
    transforms: [
      {
        file: `${walk}/take-counted.ts`,
        find: 'switch (sign.kind) { case "empty": return keys.length === 0;',
        replace:
          'if (asked !== undefined && keys.length < asked) return true; switch (sign.kind) { case "empty": return keys.length === 0;',
      },
    ],
  },
  "cursor-saved-early": {
    meaning: "a walk's new place is written before the records that lead to it, in a transaction of its own",
    transforms: [
      {
        file: `${syncs}/take-page.ts`,
        find: "const kept = await db.transaction()",
        replace: `const early = await moveWalk(db, { ...plan.counts, tenant, id: held.row.id, revision: held.revision, cursor, pages: page.pages, seen: 0, expected: null });
          if (early === undefined) throw lost();
          const kept = await db.transaction()`,
      },
      {
        file: `${syncs}/take-page.ts`,
        find: "writePage(tx, held, { page, plan, cursor, sealed })",
        replace: "writePage(tx, held, { page, plan, cursor, sealed, early })",
      },
      {
        file: `${syncs}/take-page.ts`,
        find: "held: HeldWalk, { page, plan, cursor, sealed }: Written",
        replace: "held: HeldWalk, { page, plan, cursor, sealed, early }: Written",
      },
      {
        file: `${syncs}/take-page.ts`,
        find: "const moving = moveWalk(tx, {",
        replace: "const moving = early !== undefined ? Promise.resolve(early) : moveWalk(tx, {",
      },
    ],
  },
  "feed-by-timestamp": {
    meaning: "readers get the feed in the order of its times, which changes of one page share",
    transforms: [
      {
        file: "server/src/feed/consumer-store.ts",
        find: "json_agg(json_build_array(c.position, c.bytes) order by c.position)",
        replace: "json_agg(json_build_array(c.position, c.bytes) order by c.at, c.record desc)",
      },
      {
        file: "server/src/feed/consumer-store.ts",
        find: "select position, model, connection, coalesce(octet_length(contents), 0) as bytes",
        replace: "select position, model, connection, at, record, coalesce(octet_length(contents), 0) as bytes",
      },
      {
        file: "server/src/feed/consumer-store.ts",
        find: "c.position > x.position order by c.tenant, c.position limit",
        replace: "c.position > x.position order by c.at, c.record desc limit",
      },
    ],
  },
  "deleted-without-proof": {
    meaning: "what a walk has not seen counts as gone, whether or not it has proven that it saw everything",
    transforms: [
      {
        file: `${syncs}/decide-leaving.ts`,
        find: 'row.countsSeen && reached && proof?.covers === "all"',
        replace: "row.countsSeen && reached",
      },
      {
        file: "sdk/src/sync/deletes/decide-deletes.ts",
        find: 'const provenMissing = proof?.covers === "all" ? missing : 0;',
        replace: "const provenMissing = missing;",
      },
    ],
  },
  "watermark-to-now": {
    meaning: "the watermark is moved to the end of the walk: what changed behind the walk while it went is never read",
    transforms: [
      {
        file: "server/src/flow/run-walk.ts",
        find: "taken.progress(walk.before, request.startedAtMs)",
        replace: "taken.progress(walk.before, parts.now())",
      },
      {
        file: "sdk/src/sync/changes/watermark.ts",
        find: "const provenMs = Math.min(newestMs, startedAtMs);",
        replace: "const provenMs = startedAtMs;",
      },
    ],
  },
  "hold-forgotten": {
    meaning: "a walk through changes ends the time for which deletes wait for approval",
    transforms: [{ file: `${syncs}/finish-walk.ts`, find: "decided: hasCounted || isEmptied,", replace: "decided: reached," }],
  },
  "come-again-left-out": {
    meaning: "a record that comes again among changes is left out as one that was read already, though it has changed again",
    transforms: [
      {
        file: "sdk/src/sync/source/open-source.ts",
        find: 'const given = part.of === "records" ? taken.fresh.map((index) => page.records[index]) : page.records;',
        replace: "const given = taken.fresh.map((index) => page.records[index]);",
      },
    ],
  },
  "planned-ahead": {
    meaning:
      "a page is worked out before those that share records with it are written: what they change, and it takes back, looks unchanged",
    transforms: [
      {
        file: `${syncs}/pages-in-writing.ts`,
        find: "if (ids.values().some((id) => page.ids.has(id))) last = page.kept;",
        replace: "if (ids.size < 0) last = page.kept;",
      },
    ],
  },
} as const satisfies Readonly<Record<string, SyncPlant>>;

export type SyncPlantName = keyof typeof syncPlants;

export function isSyncPlant(name: string): name is SyncPlantName {
  return Object.hasOwn(syncPlants, name);
}
