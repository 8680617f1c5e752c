import type { Resource } from "../../../connector/types.ts";
import type * as walks from "../../walk/index.ts";
import { numbersFrom } from "../../walk/__fixtures__/model-provider.ts";

/** The sync as it is, or one with a bug in it. */
export type Sources = Pick<typeof walks, "nextWalkOf" | "openSource">;

/** A provider whose changes show a little after their time, and a copy of it that is kept equal by walks. */
export interface History {
  readonly changesBy: "field" | "token";
  readonly tellsDeletions: boolean;
  /** Steps of the provider's times; several changes have the same. */
  readonly stepMs: number;
  /** A change shows so long after its time at most. */
  readonly lagMs: number;
  /** The provider's clock goes before ours by so much. */
  readonly aheadMs: number;
  readonly rounds: number;
}

interface Row {
  version: number;
  changed: number;
  visibleAt: number;
  gone: boolean;
}

const pageSize = 4;

/** What the connector would declare of it. */
function declare({ changesBy, tellsDeletions, stepMs }: History): Pick<Resource, "id" | "list" | "changes"> {
  const step = `${stepMs}ms` as const;
  return {
    id: "id",
    list: {
      paging: { kind: "cursor", parameter: "after", next: "next" },
      filters: { since: { field: "changed", test: "atLeast" } },
      orders: { changed: { by: "changed", query: { sort: "changed" } } },
    },
    changes: {
      by:
        changesBy === "field"
          ? { kind: "field", field: "changed", filter: "since", format: "milliseconds", granularity: step, lookback: "5s" }
          : { kind: "token", parameter: "token", next: "token" },
      ...(tellsDeletions && { tombstone: { at: "gone", is: [true] } }),
    },
  };
}

/** Records that the copy lacks, has too much, or has in an old version, after the history and a walk in peace. */
export function keepEqual(
  { nextWalkOf, openSource }: Sources,
  history: History,
  seed: number,
): { readonly wrong: readonly string[]; readonly incremental: number } {
  const random = numbersFrom(seed);
  const resource = declare(history) as Resource;
  const rows = new Map<string, Row>();
  const copy = new Map<string, number>();
  let [now, serial, changes] = [1_000_000, 0, 0];
  const step = (at: number): number => Math.floor(at / history.stepMs) * history.stepMs;
  const change = (): void => {
    now += Math.floor(random() * 700);
    const visibleAt = now + Math.floor(random() * history.lagMs);
    const changed = step(now + history.aheadMs);
    const known = [...rows.entries()].filter(([, row]) => !row.gone);
    const chosen = known[Math.floor(random() * known.length)];
    const kind = random();
    changes += 1;
    if (chosen === undefined || kind < 0.4) rows.set(`r${(serial += 1)}`, { version: changes, changed, visibleAt, gone: false });
    else rows.set(chosen[0], { version: changes, changed, visibleAt, gone: kind > 0.85 });
  };
  /** Entries in the order of their serial or of their change, after a cursor. */
  const serve = (asked: Readonly<Record<string, string | undefined>>): { entries: object[]; body: object } => {
    const [token, from] = (asked["token"] ?? "").split("/").map(Number);
    const isChanges = asked["since"] !== undefined || asked["token"] !== undefined;
    const all = [...rows.entries()]
      .map(([id, row]) => ({ id, serial: Number(id.slice(1)), ...row }))
      .filter((row) => row.visibleAt <= now && (!row.gone || (history.tellsDeletions && isChanges)))
      .filter((row) => row.changed >= Number(asked["since"] ?? -Infinity))
      .filter((row) => token === undefined || asked["token"] === undefined || row.version > token || row.visibleAt > (from ?? 0));
    const byChange = asked["sort"] === "changed";
    const key = (row: { changed: number; serial: number }): readonly [number, number] =>
      byChange ? [row.changed, row.serial] : [row.serial, 0];
    const sorted = all.toSorted((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1]);
    // The token stands for the moment of the first page: what changes while the pages are read comes the next time.
    const [after, stamp = `${changes}/${now}`] = asked["after"]?.split("@") ?? [];
    const [first = -Infinity, second = 0] = after?.split("/").map(Number) ?? [];
    const left = sorted.filter((row) => key(row)[0] > first || (key(row)[0] === first && key(row)[1] > second));
    const page = left.slice(0, pageSize);
    const last = page.at(-1);
    const more = left.length > page.length && last !== undefined;
    return { entries: page, body: more ? { next: `${key(last).join("/")}@${stamp}` } : { token: stamp } };
  };

  let position = {};
  let incremental = 0;
  for (let round = 0; round <= history.rounds; round += 1) {
    const isPeace = round === history.rounds;
    if (isPeace) now += 60_000;
    const next = nextWalkOf(resource.changes, position, { nowMs: now, fullEveryMs: history.tellsDeletions ? Infinity : 40_000 });
    if (next.kind === "incremental") incremental += 1;
    const startedAt = now;
    const source = openSource(resource, next);
    const seen = new Set<string>();
    const known = new Set(copy.keys());
    for (let state = source.begin(); ;) {
      const { plan, request } = source.ask(state);
      if (request.kind === "url") throw new Error("The provider gives no links.");
      const { entries, body } = serve(request.parameters);
      const ids = entries.map((entry) => (entry as { id: string }).id);
      const marks = entries.map((entry) => (entry as Readonly<Record<string, unknown>>)[plan.mark ?? ""]);
      const taken = source.take(state, { records: entries, answer: { ids, marks, body } });
      if (taken.kind === "invalid" || taken.kind === "stuck") throw new Error(taken.what);
      for (const entry of taken.entries) {
        if (entry.kind === "deleted") copy.delete(entry.id);
        else {
          const { id, version } = entry.record as { id: string; version: number };
          seen.add(id);
          copy.set(id, Math.max(version, copy.get(id) ?? 0));
        }
      }
      state = JSON.parse(JSON.stringify(taken.state)) as typeof state;
      if (taken.kind === "end") {
        const missing = taken.proof?.covers === "all" ? [...known].filter((id) => !seen.has(id)) : [];
        for (const id of missing) copy.delete(id);
        position = JSON.parse(JSON.stringify(taken.progress(position, startedAt))) as object;
        break;
      }
      if (!isPeace && random() < 0.7) change();
    }
    for (let n = Math.floor(random() * 6); n > 0 && !isPeace; n -= 1) change();
  }
  const there = [...rows.entries()].filter(([, row]) => !row.gone);
  const wrong = [
    ...there.filter(([id, row]) => copy.get(id) !== row.version).map(([id]) => id),
    ...[...copy.keys()].filter((id) => rows.get(id)?.gone !== false),
  ];
  return { wrong, incremental };
}
