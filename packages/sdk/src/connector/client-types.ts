import type { BelayError } from "../errors/belay-error.ts";
import type { Infer, Schema } from "../schema/index.ts";
import type { ErrorFallback, Known, LastKnownFallback, QueueFallback, WithFallback, WithMaxAge } from "./fallback.ts";
import type { ConnectorDefinition, Resource } from "./types.ts";

type RecordOf<R> = R extends { schema: infer S extends Schema } ? Infer<S> : never;
type InputOf<Operation> = Operation extends { input: infer S extends Schema } ? Infer<S> : never;

/** Of reads whose value may be older than they allow otherwise, and says so. */
type KnownOptions = WithFallback<LastKnownFallback> & Partial<WithMaxAge>;
/** Of reads whose value never is. */
type ReadOptions = (WithFallback<ErrorFallback> & Partial<WithMaxAge>) | (WithMaxAge & { readonly fallback?: never });
/** Of writes. */
type WriteOptions = WithFallback<QueueFallback | ErrorFallback>;

type Create<R> = R extends { create: infer Operation }
  ? {
      create(input: InputOf<Operation>, options: WriteOptions): Promise<RecordOf<R>>;
      create(input: InputOf<Operation>): Promise<RecordOf<R>>;
    }
  : unknown;
type Get<R> = R extends { get: object }
  ? {
      get(id: string | number, options: KnownOptions): Promise<Known<RecordOf<R> | undefined>>;
      get(id: string | number, options: ReadOptions): Promise<RecordOf<R> | undefined>;
      get(id: string | number): Promise<RecordOf<R> | undefined>;
    }
  : unknown;
type Updated<R> = R extends { update: { returns: "nothing" } } ? void : RecordOf<R>;
type Update<R> = R extends { update: infer Operation }
  ? {
      update(id: string | number, input: InputOf<Operation>, options: WriteOptions): Promise<Updated<R>>;
      update(id: string | number, input: InputOf<Operation>): Promise<Updated<R>>;
    }
  : unknown;

/** What became of one of many: `error` says with its code why the provider, or the schema, did not take it. */
export type ItemOutcome<Result> = { readonly ok: true; readonly record: Result } | { readonly ok: false; readonly error: BelayError };

type CreateMany<R> = R extends { create: infer Operation; createMany: object }
  ? { createMany(inputs: readonly InputOf<Operation>[]): Promise<readonly ItemOutcome<RecordOf<R>>[]> }
  : unknown;
type UpdateMany<R> = R extends { update: infer Operation; updateMany: object }
  ? {
      updateMany(
        changes: readonly { readonly id: string | number; readonly input: InputOf<Operation> }[],
      ): Promise<readonly ItemOutcome<Updated<R>>[]>;
    }
  : unknown;
type UpsertMany<R> = R extends { upsertMany: infer Operation }
  ? {
      upsert(input: InputOf<Operation>, options: WriteOptions): Promise<RecordOf<R>>;
      upsert(input: InputOf<Operation>): Promise<RecordOf<R>>;
      upsertMany(inputs: readonly InputOf<Operation>[]): Promise<readonly ItemOutcome<RecordOf<R>>[]>;
    }
  : unknown;
type Many<R> = CreateMany<R> & UpdateMany<R> & UpsertMany<R>;

type ByOf<Field extends string> = { [F in Field]: { [K in F]: string | number } }[Field];
type Find<R> = R extends { find: { by: readonly (infer Field extends string)[] } }
  ? {
      find(by: ByOf<Field>, options: KnownOptions): Promise<Known<RecordOf<R> | undefined>>;
      find(by: ByOf<Field>, options: ReadOptions): Promise<RecordOf<R> | undefined>;
      find(by: ByOf<Field>): Promise<RecordOf<R> | undefined>;
    }
  : unknown;

type Delete<R> = R extends { delete: object }
  ? { delete(id: string | number, options: WriteOptions): Promise<void>; delete(id: string | number): Promise<void> }
  : unknown;

type FilterValue = string | number | boolean | readonly string[];
/** `filters`: query parameters by name; `order`: one of the declared; `pageSize`: default the largest that the provider gives. */
interface ListQueryOf<L> {
  readonly filters?: L extends { filters: infer Filters } ? { readonly [Name in keyof Filters]?: FilterValue | undefined } : never;
  readonly order?: L extends { orders: infer Orders } ? keyof Orders : never;
  readonly pageSize?: L extends { size: object } ? number : never;
}
type List<R> = R extends { list: infer L } ? { list(query?: ListQueryOf<L>): AsyncIterable<RecordOf<R>> } : unknown;

type PlaceholdersOf<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PlaceholdersOf<Rest> : never;
/** The version is filled in by the client. */
type PlaceNames<Path> = Exclude<PlaceholdersOf<Path>, "version" | "id">;
type PlaceOf<R extends Resource> = { readonly [Name in PlaceNames<R["path"]>]: string | number };

/**
 * The calls a resource offers; only declared operations exist.
 *
 * - `create`, `update`: answer with the record as the provider keeps it; an update that `returns: "nothing"` with nothing.
 * - `get`, `find`: `undefined` when there is none.
 * - `list`: every record, fetched page by page as it is consumed; calling it twice lists twice.
 * - `delete`: succeeds as well when there is none.
 * - `upsert`: changes the record that has this value of the operation's field, or creates it.
 * - With `{ maxAge }` as their last argument, `get` and `find` give what the provider was known to have at most so long ago, without asking it.
 * - With `{ fallback }` as their last argument, `get` and `find` give the last known value, or an error of their own, when the provider is unavailable; writes queue, or throw one.
 * - `createMany`, `updateMany`, `upsertMany`: as few calls as hold them; one outcome for each, in their order. An outcome is final: what may still succeed (the provider is down,
 *   an answer was lost) throws once all have ended, and the next attempt of the step sends what is left under the same keys.
 */
export type ResourceClient<R extends Resource> = Create<R> & Get<R> & Update<R> & Delete<R> & Find<R> & List<R> & Many<R>;

/** What needs no place, where the record's path has none. */
type ById<R extends Resource> = R extends { recordPath: infer Path }
  ? [PlaceNames<Path>] extends [never]
    ? Get<R> & Update<R> & Delete<R>
    : unknown
  : unknown;

/** The calls, or, for a path with placeholders, the way to where the records live: `client.issue.in({ owner, repo }).list()`. */
type Reach<R extends Resource> = [PlaceNames<R["path"]>] extends [never]
  ? ResourceClient<R>
  : ById<R> & { in(place: PlaceOf<R>): ResourceClient<R> };

/** The typed client of a connector: a member per resource. */
export type Client<D extends ConnectorDefinition> = { readonly [Name in keyof D["resources"]]: Reach<D["resources"][Name]> };
