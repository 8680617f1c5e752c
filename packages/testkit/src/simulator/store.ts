import { isDeepStrictEqual } from "node:util";
import type { Fields, Resource } from "@belay/sdk";

export type { Fields } from "@belay/sdk";

/** One committed write, in the order in which the provider committed it. */
export interface Write {
  /** Counts all committed writes of the simulator, from 1. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly account: string;
  readonly resource: string;
  readonly recordId: string;
  readonly operation: "create" | "update" | "delete";
  /** The idempotency key the request carried, whether or not the provider honours keys for this operation. */
  readonly idempotencyKey: string | undefined;
  /** The fields as sent. */
  readonly fields: Fields;
  /** False when the record already held exactly these fields. */
  readonly changed: boolean;
}

/** Where a record lives, by the placeholders of its resource's path: `{ owner: "acme", repo: "app" }`. */
export type Place = Readonly<Record<string, string>>;

/** A record as the provider keeps it, with everything that was ever written to it. */
export interface StoredRecord {
  readonly account: string;
  readonly resource: string;
  readonly place: Place;
  readonly id: string;
  /** Counts the records of its resource and place in the order of creation, from 1. */
  readonly serial: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The writable fields after the last write. */
  readonly fields: Fields;
  /** The record as the API shows it. */
  readonly body: Fields;
  readonly writes: readonly Write[];
}

/** Where one account keeps the records of one resource in one place. In memory. */
export interface ResourceStore {
  readonly place: Place;
  get(id: string): StoredRecord | undefined;
  /** The record with this id, whether or not it was deleted since. */
  getEver(id: string): StoredRecord | undefined;
  /** The records whose `field` equals `value`, oldest first, without those created after `createdUntil`. Only for fields of `find.by`. */
  findBy(field: string, value: string, createdUntil?: number): readonly StoredRecord[];
  /** How many records there ever were. */
  ever(): number;
  /** Without deleted ones. */
  all(): readonly StoredRecord[];
  /** Deleted ones, as they were last. */
  gone(): readonly StoredRecord[];
  /** Of everything, deleted records included. */
  writes(): readonly Write[];
  /** A record that was there before anybody wrote one: it is in no history. */
  plant(fields: Fields, at: number): StoredRecord;
  /** How the API would show the next record. */
  preview(fields: Fields, now: number): Fields;
  create(fields: Fields, idempotencyKey: string | undefined, now: number): StoredRecord;
  update(record: StoredRecord, fields: Fields, idempotencyKey: string | undefined, now: number): StoredRecord;
  delete(record: StoredRecord, idempotencyKey: string | undefined, now: number): StoredRecord;
}

/** What the provider makes of a record's fields: what it fills in at its creation, and what it works out at every write. */
export interface RecordMaker {
  id(serial: number): string | number;
  /** What a record must have, where nothing better is known; it stands below all else. */
  required(now: Date, record: RecordContext): Fields;
  defaults(now: Date, record: RecordContext): Fields;
  computed(now: Date, record: RecordContext, fields: Fields, before?: Fields): Fields;
  /** What an update makes of the writable fields. */
  revised(before: Fields, sent: Fields): Fields;
}

export interface RecordContext {
  readonly id: string;
  readonly serial: number;
  readonly account: string;
  readonly place: Place;
}

export interface StoreOptions {
  readonly account: string;
  readonly name: string;
  readonly place: Place;
  readonly resource: Resource;
  readonly make: RecordMaker;
  readonly nextSequence: () => number;
  /** How many records there ever were in other places from whose ids these must differ. */
  readonly elsewhere: () => number;
  /** Told of every write as it is committed, and of how the API showed the record before. */
  readonly onWrite?: (record: StoredRecord, write: Write, before: Fields | undefined) => void;
}

interface MutableRecord extends StoredRecord {
  fields: Fields;
  body: Fields;
  readonly writes: Write[];
  readonly created: Fields;
}

export function createStore(options: StoreOptions): ResourceStore {
  const { account, name, place, resource, make } = options;
  const records = new Map<string, MutableRecord>();
  const deleted = new Map<string, MutableRecord>();
  const indexes = new Map((resource.find?.by ?? []).map((field) => [field, new Map<string, MutableRecord[]>()]));

  const ever = (): number => records.size + deleted.size;

  const reindex = (record: MutableRecord, before: Fields, after: Fields): void => {
    for (const [field, index] of indexes) {
      const was = findable(before[field]);
      const is = findable(after[field]);
      if (was === is) continue;
      if (was !== undefined) index.set(was, index.get(was)?.filter((other) => other !== record) ?? []);
      if (is !== undefined) index.set(is, [...(index.get(is) ?? []), record]);
    }
  };

  const log = (
    record: MutableRecord,
    logged: Pick<Write, "operation" | "idempotencyKey" | "fields" | "changed">,
    at: number,
    shown?: Fields,
  ): void => {
    const write: Write = { sequence: options.nextSequence(), at, account, resource: name, recordId: record.id, ...logged };
    record.writes.push(write);
    options.onWrite?.(record, write, shown);
  };

  const show = (context: RecordContext & { readonly created: Fields }, fields: Fields, now: number, before?: Fields): Fields => {
    const shown = resource.fieldsIn === undefined ? fields : { [resource.fieldsIn]: fields };
    const own = { [resource.id]: context.created[resource.id] };
    return { ...context.created, ...shown, ...make.computed(new Date(now), context, fields, before), ...own };
  };

  const next = (now: number): RecordContext & { readonly created: Fields; readonly createdAt: number } => {
    const serial = 1 + ever() + options.elsewhere();
    const id = make.id(serial);
    const context: RecordContext = { id: String(id), serial, account, place };
    return {
      ...context,
      createdAt: now,
      created: { ...make.required(new Date(now), context), ...make.defaults(new Date(now), context), [resource.id]: id },
    };
  };

  const plant = (fields: Fields, now: number): MutableRecord => {
    const begun = next(now);
    const record: MutableRecord = { ...begun, resource: name, fields, body: show(begun, fields, now), writes: [] };
    records.set(record.id, record);
    reindex(record, {}, fields);
    return record;
  };

  const kept = (record: StoredRecord): MutableRecord => {
    const found = records.get(record.id);
    if (found === undefined) throw new Error(`There is no ${name} ${record.id} in account "${account}".`);
    return found;
  };

  return {
    place,
    ever,
    get: (id) => records.get(id),
    getEver: (id) => records.get(id) ?? deleted.get(id),
    findBy(field, value, createdUntil = Infinity) {
      const found = indexes.get(field)?.get(value) ?? [];
      return found.filter((record) => record.createdAt <= createdUntil);
    },
    all: () => [...records.values()],
    gone: () => [...deleted.values()],
    writes: () => [...records.values(), ...deleted.values()].flatMap((record) => record.writes),
    plant,
    preview: (fields, now) => show(next(now), fields, now),
    create(fields, idempotencyKey, now) {
      const record = plant(fields, now);
      log(record, { operation: "create", idempotencyKey, fields, changed: true }, now);
      return record;
    },
    update(existing, sent, idempotencyKey, now) {
      const record = kept(existing);
      const before = record.fields;
      const fields = make.revised(before, sent);
      const shown = record.body;
      const changed = !isDeepStrictEqual(before, fields);
      record.fields = fields;
      if (changed) record.body = show(record, fields, now, shown);
      reindex(record, before, fields);
      log(record, { operation: "update", idempotencyKey, fields: sent, changed }, now, shown);
      return record;
    },
    delete(record, idempotencyKey, now) {
      const gone = kept(record);
      records.delete(gone.id);
      deleted.set(gone.id, gone);
      reindex(gone, gone.fields, {});
      log(gone, { operation: "delete", idempotencyKey, fields: {}, changed: true }, now, gone.body);
      return gone;
    },
  };
}

/** A field's value as it is written in a URL; undefined where a record cannot be found by it. */
export function findable(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
