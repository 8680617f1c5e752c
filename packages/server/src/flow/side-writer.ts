import { BelayError, isBelayError, type Resource, type TwoWay, validate, valueAt, type WriteHow, type WriteSafety } from "@belay/sdk";
import { canonicalJson, type MappedRecord, mapRecord, type PageRecord } from "@belay/sdk/sync";
import { type Fields, mappingOf, type SideName, type SideWrite } from "@belay/sdk/two-way";

/** The calls of a resource, as far as it declares them. */
export interface SideCalls {
  readonly get?: (id: string) => Promise<unknown>;
  readonly create?: (input: unknown) => Promise<unknown>;
  readonly update?: (id: string, input: unknown) => Promise<unknown>;
  readonly delete?: (id: string) => Promise<unknown>;
}

export interface SideWriterParts {
  readonly twoWay: TwoWay;
  readonly side: SideName;
  readonly resource: Resource;
  readonly calls: SideCalls;
  readonly tenant: string;
  readonly connection: string;
  /** Of the tenant, validated. */
  readonly settings: unknown;
  readonly enter: <T>(code: () => T) => T;
}

/** Writes the records of a side in its provider's words, and reads its answers in the model's. */
export interface SideWriter {
  /** What keeps a repeated create from becoming a second record. */
  readonly createSafety: WriteSafety | undefined;
  /** A record can be read by itself. */
  readonly canGet: boolean;
  /** The provider takes an update only for the state that it was decided on. */
  readonly guardsUpdates: boolean;
  /** @param record Our id of the thing. */
  create(data: Fields, record: string): Promise<unknown>;
  /**
   * Answers with the record as it is then, or with nothing.
   *
   * @param raw The record as it was when it was decided, where it is known: a provider that takes whole records changes only that one.
   */
  update(
    id: string,
    write: Extract<SideWrite, { kind: "update" }>,
    of: { readonly record: string; readonly raw: unknown },
  ): Promise<unknown>;
  delete(id: string): Promise<void>;
  /** Undefined: there is none, or it cannot be asked for. */
  get(id: string): Promise<PageRecord | undefined>;
  /** What an answer says of a record. */
  read(answer: unknown): Promise<PageRecord>;
  /** The record that there is if the provider took what it was sent as it is. */
  assume(externalId: string, data: Fields, raw: unknown): MappedRecord;
}

/** Opens the writer of a side. Its calls throw `TWO_WAY_NOT_WRITABLE` for what the resource does not declare, and `TWO_WAY_FIELD_REFUSED` for fields that it does not take, and what the client and the user's `write` throw. */
export function openSideWriter(parts: SideWriterParts): SideWriter {
  const { twoWay, side, resource, calls, enter, settings, tenant, connection } = parts;
  const { sync, write: own } = twoWay[side];
  const mapping = mappingOf(sync);
  const inputOf = (fields: Fields, how: Omit<WriteHow, "settings">): Input =>
    enter(() =>
      own === undefined
        ? (mapping?.toProvider(fields, how) ?? { input: {}, fields: {} })
        : { input: own(fields as never, { ...how, settings }), fields: {} },
    );
  const read = (answer: unknown): Promise<PageRecord> =>
    mapRecord({ sync, id: resource.id, enter }, { tenant, connection, settings: settings as never }, answer);
  const label = `${sync.source.connector}.${sync.source.resource}`;
  const asSide = async <Answer>(fields: Input["fields"], call: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await call();
    } catch (error) {
      if (isBelayError(error) && error.code === "CLIENT_INPUT_INVALID") throw fieldRefused(error, `"${twoWay.id}", side ${side}`, fields);
      throw error;
    }
  };
  return {
    createSafety: (mapping?.create ?? resource.create)?.safety,
    canGet: calls.get !== undefined,
    guardsUpdates: resource.update?.whole !== undefined,
    create: async (data, record) => {
      const { input, fields } = inputOf(data, { creating: true, record });
      return await asSide(fields, () => declared(calls.create, `${label}.create`)(input));
    },
    update: async (id, { data, changes }, { record, raw }) => {
      const changed = Object.fromEntries(changes.map((field) => [field, data[field] ?? null]));
      const { input, fields } = inputOf(changed, { creating: false, record });
      const bound = await onThatState(resource, input, raw);
      const answer = await asSide(fields, () => declared(calls.update, `${label}.update`)(id, bound));
      return answer ?? (await calls.get?.(id));
    },
    delete: async (id) => void (await declared(calls.delete, `${label}.delete`)(id)),
    get: async (id) => {
      const answer = await calls.get?.(id);
      return answer === undefined ? undefined : await read(answer);
    },
    read,
    assume: (externalId, data, raw) => {
      const keys = sync.matchOn === undefined ? [] : enter(() => sync.matchOn?.(data as never) ?? []);
      return {
        kind: "mapped",
        externalId,
        version: null,
        data: canonicalJson(data),
        raw: JSON.stringify(raw) ?? "null",
        keys: keys.map(({ kind, value }) => `${kind}\n${value}`),
      };
    },
  };
}

/** What is written to a provider. */
interface Input {
  readonly input: Readonly<Record<string, unknown>>;
  /** Which of the model's fields stands behind each of the provider's; empty where the user's own code has made it. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The client speaks of a call and its input. Nobody has written that call: who reads it has to know which side lacks what. */
function fieldRefused(error: BelayError, where: string, fields: Input["fields"]): BelayError {
  const { paths } = error.details;
  const own = (Array.isArray(paths) ? paths : []).map((path) => fields[String(path).split(".")[0] ?? ""] ?? String(path));
  const named = [...new Set(own)].join(", ");
  return new BelayError("TWO_WAY_FIELD_REFUSED", `Two-way sync ${where}, ${named}: ${error.message}`, {
    details: { paths: own },
    cause: error,
  });
}

function declared<Call>(call: Call | undefined, label: string): Call {
  if (call !== undefined) return call;
  throw new BelayError("TWO_WAY_NOT_WRITABLE", `${label}: the connector does not declare it.`, { retry: "never" });
}

/** Where whole records are written, and the input may name the state that it is meant for, it does: what somebody else has changed since is merged, and not undone. */
async function onThatState(
  { update }: Resource,
  input: Readonly<Record<string, unknown>>,
  raw: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const field = update?.whole?.version;
  const state = field === undefined ? undefined : valueAt(raw, field);
  if (update === undefined || field === undefined || typeof state !== "string" || state === "") return input;
  const bound = { ...input, [field]: state };
  return "value" in (await validate(update.input, bound)) ? bound : input;
}
