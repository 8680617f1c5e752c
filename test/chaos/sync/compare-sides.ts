import { type Cipher, openEach } from "../../../packages/server/src/vault/index.ts";
import { changePurpose } from "../../../packages/server/src/feed/index.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import type { Broken } from "../kernel/observer.ts";
import type { ChangeLog, Row } from "./change-log.ts";
import { tenant } from "./steps.ts";

/** A version of a record as it stands in the feed. */
interface Version {
  readonly position: number;
  readonly id: string;
  /** Undefined: it was deleted. */
  readonly data: { readonly name: string; readonly take: number } | undefined;
  /** Which of the provider's versions it was made from. */
  readonly version: number;
}

/** What is kept of a version. */
interface Contents {
  readonly data: NonNullable<Version["data"]>;
  readonly raw: { readonly version: number };
}

/** All versions in the order of the feed, opened. */
export async function readVersions(database: HistoryDatabase, cipher: Cipher): Promise<Version[]> {
  const rows = (await database.run(
    "select c.position, c.record, c.model, c.contents, r.external_id as id from belay.change c join belay.record r on r.tenant = c.tenant and r.id = c.record order by c.position",
    [],
  )) as unknown as readonly { position: number; record: string; model: string; contents: Uint8Array | null; id: string }[];
  const there = rows.flatMap(({ contents, ...change }) =>
    contents === null ? [] : [{ tenant, purpose: changePurpose(change), value: contents }],
  );
  const opened = (await openEach(cipher, there)).values();
  return rows.map(({ position, id, contents }) => {
    if (contents === null) return { position, id, data: undefined, version: 0 };
    const { value } = opened.next();
    if (value === undefined || !("bytes" in value)) throw new Error("A version cannot be opened.");
    const { data, raw } = JSON.parse(Buffer.from(value.bytes).toString()) as Contents;
    return { position, id, data, version: raw.version };
  });
}

/** What holds of the versions of each record: none is older than the one before, none says the same again. */
export function checkVersions(versions: readonly Version[]): Broken[] {
  const newest = new Map<string, Version>();
  return versions.flatMap((version) => {
    const before = newest.get(version.id);
    newest.set(version.id, version);
    if (before?.data === undefined || version.data === undefined) return [];
    if (JSON.stringify(version.data) === JSON.stringify(before.data))
      return [{ kind: "doubled", text: `the change at ${version.position} says of ${version.id} what the one at ${before.position} said` }];
    const [was, is] = [before.version, version.version];
    if (is > was) return [];
    return [
      {
        kind: "went-back",
        text: `${version.id} came to version ${was} at ${before.position}, and went back to version ${is} at ${version.position}`,
      },
    ];
  });
}

/**
 * What our side lacks of what the provider has, and, where it has been `proven` that everything was seen, what it has too much. A record that cannot be mapped stays as it
 * was, and has its trouble.
 */
export function compareSides(log: ChangeLog, versions: readonly Version[], troubled: ReadonlySet<string>, proven: boolean): Broken[] {
  const ours = new Map(versions.map((version) => [version.id, version.data]));
  const broken: Broken[] = [];
  for (const row of log.rows.values()) broken.push(...compareOne(row, ours.get(row.id), troubled.has(row.id)));
  for (const [id, data] of ours) {
    if (data === undefined || log.rows.has(id) || !proven) continue;
    broken.push({ kind: "extra", text: `${id} is gone at the provider, and is still here` });
  }
  return broken;
}

function compareOne(row: Row, data: Version["data"], isTroubled: boolean): Broken[] {
  const { id, state, name, take } = row;
  if (state === "bad") return isTroubled ? [] : [{ kind: "missing", text: `${id} cannot be mapped, and nothing says so` }];
  if (isTroubled) return [{ kind: "differing", text: `${id} can be mapped, and is still said to be a trouble` }];
  if (state === "other") return data === undefined ? [] : [{ kind: "differing", text: `${id} is none of ours, and is still here` }];
  if (data === undefined) return [{ kind: "missing", text: `${id} is at the provider, and not here` }];
  if (data.take === take && data.name === name) return [];
  return [{ kind: "differing", text: `${id} is at take ${take} at the provider, and at take ${data.take} here` }];
}
