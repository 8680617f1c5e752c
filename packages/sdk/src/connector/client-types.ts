import type { Infer, Schema } from "../schema/index.ts";
import type { ConnectorDefinition, Resource } from "./types.ts";

type RecordOf<R> = R extends { schema: infer S extends Schema } ? Infer<S> : never;
type InputOf<Operation> = Operation extends { input: infer S extends Schema } ? Infer<S> : never;

type Create<R> = R extends { create: infer Operation } ? { create(input: InputOf<Operation>): Promise<RecordOf<R>> } : unknown;
type Get<R> = R extends { get: object } ? { get(id: string | number): Promise<RecordOf<R> | undefined> } : unknown;
type Update<R> = R extends { update: infer Operation }
  ? { update(id: string | number, input: InputOf<Operation>): Promise<RecordOf<R>> }
  : unknown;
type Find<R> = R extends { find: { by: readonly (infer Field extends string)[] } }
  ? { find(by: { [F in Field]: { [K in F]: string | number } }[Field]): Promise<RecordOf<R> | undefined> }
  : unknown;

/**
 * The calls a resource offers; only declared operations exist.
 *
 * - `create`, `update`: answer with the record as the provider keeps it.
 * - `get`, `find`: `undefined` when there is none.
 */
export type ResourceClient<R extends Resource> = Create<R> & Get<R> & Update<R> & Find<R>;

/** The typed client of a connector: a member per resource. */
export type Client<D extends ConnectorDefinition> = { readonly [Name in keyof D["resources"]]: ResourceClient<D["resources"][Name]> };
