import type { ProviderAnswer, ProviderRequest } from "../kernel/providers.ts";
import { cutPage, type Entry } from "./cut-page.ts";
import { Refused } from "./refused.ts";
import type { Shape } from "./steps.ts";

export const baseUrl = "http://source.simulated";

/** What a listing needs to know of a record. */
export interface ListedRow {
  readonly id: string;
  readonly serial: number;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly changed: number;
  /** The number of its last change among all. */
  readonly sequence: number;
}

/** The records that are there, and those that were. */
export interface ListedRecords<Row extends ListedRow> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly gone: ReadonlyMap<string, Row>;
  /** Of the last change. */
  readonly sequence: number;
}

export interface SourceParts<Row extends ListedRow> {
  readonly shape: Shape;
  readonly log: ListedRecords<Row>;
  readonly toJson: (row: Row) => object;
  readonly random: () => number;
  /** Told after each answer: others may edit records between two pages. */
  readonly onServed: () => void;
}

/** The provider of one history. It behaves, in its own way; what goes wrong is the network's part. */
export class SourceProvider<Row extends ListedRow> {
  readonly log: ListedRecords<Row>;
  readonly #toJson: (row: Row) => object;
  readonly #shape: Shape;
  readonly #random: () => number;
  readonly #onServed: () => void;
  /** Cursors and tokens from before are refused. */
  #cursorsFrom = 0;
  #tokensFrom = 0;
  #served = 0;

  constructor({ shape, log, toJson, random, onServed }: SourceParts<Row>) {
    this.#shape = shape;
    this.log = log;
    this.#toJson = toJson;
    this.#random = random;
    this.#onServed = onServed;
  }

  /** Forgets which cursors it gave out, and which tokens. */
  forget(tokens: boolean): void {
    this.#cursorsFrom = this.#served + 1;
    if (tokens) this.#tokensFrom = this.log.sequence + 1;
  }

  serve(request: ProviderRequest): Promise<ProviderAnswer> {
    const answer = this.list(new URL(request.path, baseUrl));
    this.#onServed();
    return Promise.resolve(answer);
  }

  /** Answers a request for a listing, and does nothing else. */
  list({ pathname, searchParams }: URL): ProviderAnswer {
    this.#served += 1;
    const asked = Object.fromEntries(searchParams);
    try {
      if (pathname === "/items") return toAnswer(this.#list(asked));
      if (pathname === "/items/changes") return toAnswer(this.#listChanges(asked));
      if (pathname === "/items/deleted") return toAnswer(this.#listDeleted(asked));
      return toAnswer({ error: "there is no such path" }, 404);
    } catch (error) {
      if (error instanceof Refused) return toAnswer({ error: error.message }, error.status);
      throw error;
    }
  }

  #list(asked: Asked): object {
    const { changes, deletions } = this.#shape;
    const since = asked["since"];
    const rows = [...this.log.rows.values()].filter((row) => this.#isFrom(row, asked["from"]));
    if (since === undefined)
      return this.#cut(
        "/items",
        asked,
        rows.map((row) => this.#entryOf(row)),
        changes === "token",
      );
    const changed = rows.filter((row) => this.#isSince(row.changed, since)).map((row) => this.#entryOf(row));
    const gone = deletions === "tombstone" ? [...this.log.gone.values()].filter(({ changed: at }) => this.#isSince(at, since)) : [];
    return this.#cut("/items", asked, [...changed, ...gone.map((row) => ({ ...this.#entryOf(row), json: toTombstone(row) }))], false);
  }

  #isFrom(row: Row, from: string | undefined): boolean {
    if (from === undefined) return true;
    return this.#shape.order === "changed" ? row.changed >= Date.parse(from) : row.serial >= Number(from);
  }

  #isSince(changed: number, since: string): boolean {
    return this.#shape.above ? changed > Date.parse(since) : changed >= Date.parse(since);
  }

  /** What has changed since a token was given, each record once, in the order of its last change. */
  #listChanges(asked: Asked): object {
    const token = Number((asked["token"] ?? "").slice(1));
    if (!Number.isInteger(token) || token < this.#tokensFrom) throw new Refused(410, "the sync token has expired");
    const rows = [...this.log.rows.values(), ...this.log.gone.values()].filter(({ sequence }) => sequence > token);
    const entries = rows.map((row): Entry => {
      return { id: row.id, value: row.sequence, serial: 0, json: this.log.gone.has(row.id) ? toTombstone(row) : this.#toJson(row) };
    });
    const page = cutPage(this.#pager("/items/changes", asked), entries);
    // To the end in the order of changes: nothing before this moment is missing.
    return { ...page.body, ...(page.last && { token: `t${this.log.sequence}` }) };
  }

  #listDeleted(asked: Asked): object {
    const since = asked["since"] ?? new Date(0).toISOString();
    const rows = [...this.log.gone.values()].filter(({ changed }) => this.#isSince(changed, since));
    const entries = rows.map((row): Entry => ({ id: row.id, value: row.changed, serial: row.sequence, json: toTombstone(row) }));
    return cutPage({ ...this.#pager("/items/deleted", asked), sign: 1 }, entries).body;
  }

  #cut(path: string, asked: Asked, entries: readonly Entry[], givesToken: boolean): object {
    const page = cutPage(this.#pager(path, asked), entries);
    // It stands for the moment of the first page: what has changed since is told again.
    return { ...page.body, ...(givesToken && page.last && { token: `t${page.asOf}` }) };
  }

  #entryOf(row: Row): Entry {
    return { id: row.id, value: this.#shape.order === "changed" ? row.changed : row.serial, serial: row.serial, json: this.#toJson(row) };
  }

  #pager(path: string, asked: Asked): Parameters<typeof cutPage>[0] {
    return {
      shape: this.#shape,
      path,
      asked,
      sign: this.#shape.order === "newest" && path === "/items" ? -1 : 1,
      served: this.#served,
      cursorsFrom: this.#cursorsFrom,
      sequence: this.log.sequence,
      random: this.#random,
    };
  }
}

type Asked = Readonly<Record<string, string>>;

function toTombstone({ id, serial, version, changed }: ListedRow): object {
  return { id, created: serial, gone: true, version, changed: new Date(changed).toISOString() };
}

export function toAnswer(body: object, status = 200): ProviderAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
