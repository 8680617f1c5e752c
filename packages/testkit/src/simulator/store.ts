import { isDeepStrictEqual } from "node:util";
import type { Resource } from "@belay/sdk";

export type Fields = Readonly<Record<string, unknown>>;

/** One committed write, in the order in which the provider committed it. */
export interface Write {
  /** Counts all committed writes of the simulator, from 1. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly account: string;
  readonly resource: string;
  readonly recordId: string;
  readonly operation: "create" | "update";
  /** The idempotency key the request carried, whether or not the provider honours keys for this operation. */
  readonly idempotencyKey: string | undefined;
  /** The fields as sent. */
  readonly fields: Fields;
  /** False when the record already held exactly these fields. */
  readonly changed: boolean;
}

/** A record as the provider keeps it, with everything that was ever written to it. */
export interface StoredRecord {
  readonly account: string;
  readonly resource: string;
  readonly id: string;
  /** The writable fields after the last write. */
  readonly fields: Fields;
  /** The record as the API shows it. */
  readonly body: Fields;
  readonly writes: readonly Write[];
}

/** Where one account keeps the records of one resource. In memory; nothing is ever deleted. */
export interface ResourceStore {
  get(id: string): StoredRecord | undefined;
  /** The records whose `field` equals `value`, oldest first, without those created after `createdUntil`. Only for fields of `find.by`. */
  findBy(field: string, value: string, createdUntil?: number): readonly StoredRecord[];
  all(): readonly StoredRecord[];
  create(fields: Fields, idempotencyKey: string | undefined, now: number): StoredRecord;
  update(record: StoredRecord, fields: Fields, idempotencyKey: string | undefined, now: number): StoredRecord;
}

export interface StoreOptions {
  readonly account: string;
  readonly name: string;
  readonly resource: Resource;
  readonly idType: "number" | "string";
  /** Fields that the provider fills itself. */
  readonly defaults: (now: Date) => Fields;
  readonly nextSequence: () => number;
  /** Told of every write as it is committed. */
  readonly onWrite?: (record: StoredRecord, write: Write) => void;
}

interface MutableRecord extends StoredRecord {
  fields: Fields;
  body: Fields;
  readonly writes: Write[];
  readonly created: Fields;
}

export function createStore(options: StoreOptions): ResourceStore {
  const { account, name, resource } = options;
  const records = new Map<string, MutableRecord>();
  const indexes = new Map((resource.find?.by ?? []).map((field) => [field, new Map<string, MutableRecord[]>()]));

  const reindex = (record: MutableRecord, before: Fields): void => {
    for (const [field, index] of indexes) {
      const was = findable(before[field]);
      const is = findable(record.fields[field]);
      if (was === is) continue;
      if (was !== undefined) index.set(was, index.get(was)?.filter((other) => other !== record) ?? []);
      if (is !== undefined) index.set(is, [...(index.get(is) ?? []), record]);
    }
  };

  const commit = (
    record: MutableRecord,
    operation: Write["operation"],
    sent: Fields,
    idempotencyKey: string | undefined,
    now: number,
  ): StoredRecord => {
    const before = record.fields;
    const fields = { ...before, ...sent };
    const changed = operation === "create" || !isDeepStrictEqual(before, fields);
    record.fields = fields;
    record.body = { ...record.created, ...(resource.fieldsIn === undefined ? fields : { [resource.fieldsIn]: fields }) };
    const write: Write = {
      sequence: options.nextSequence(),
      at: now,
      account,
      resource: name,
      recordId: record.id,
      operation,
      idempotencyKey,
      fields: sent,
      changed,
    };
    record.writes.push(write);
    reindex(record, before);
    options.onWrite?.(record, write);
    return record;
  };

  return {
    get: (id) => records.get(id),
    findBy(field, value, createdUntil = Infinity) {
      const found = indexes.get(field)?.get(value) ?? [];
      return found.filter((record) => (record.writes[0]?.at ?? 0) <= createdUntil);
    },
    all: () => [...records.values()],
    create(fields, idempotencyKey, now) {
      const number = 1_001 + records.size;
      const created = { ...options.defaults(new Date(now)), [resource.id]: options.idType === "number" ? number : String(number) };
      const record: MutableRecord = { account, resource: name, id: String(number), fields: {}, body: created, created, writes: [] };
      records.set(record.id, record);
      return commit(record, "create", fields, idempotencyKey, now);
    },
    update(record, fields, idempotencyKey, now) {
      const kept = records.get(record.id);
      if (kept === undefined) throw new Error(`There is no ${name} ${record.id} in account "${account}".`);
      return commit(kept, "update", fields, idempotencyKey, now);
    },
  };
}

/** A field's value as it is written in a URL; undefined where a record cannot be found by it. */
export function findable(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
