import type { ConnectorDefinition, EventSubject, Fields } from "@belay/sdk";
import { seededRandom } from "../random.ts";
import type { Place, StoredRecord } from "../store.ts";
import { isJsonObject } from "../generate/json.ts";
import { makeUpInput } from "../generate/make-up-value.ts";
import type { Change, Thing } from "./things.ts";

/** The records of the provider, as the people there change them: without requests, without faults. */
export interface RecordKeeper {
  create(account: string, resource: string, place: Place, fields: Fields): StoredRecord;
  update(record: StoredRecord, fields: Fields): StoredRecord;
  delete(record: StoredRecord): StoredRecord;
}

/** Which record stands for a thing, by the thing's number. */
export type Records = Map<number, StoredRecord>;

/**
 * Does at the provider what an event is going to tell of, so that who asks the provider afterwards finds it there. Undefined where the
 * connector declares no such resource, or none that can be written: then the event tells of something that only it knows.
 */
export function actOut(
  connector: ConnectorDefinition,
  account: string,
  subject: EventSubject | undefined,
  { change, thing, now }: { readonly change: Change; readonly thing: Thing; readonly now: Date },
  { keeper, records }: { readonly keeper: RecordKeeper; readonly records: Records },
): StoredRecord | undefined {
  const name = subject?.resource;
  const resource = name === undefined ? undefined : connector.resources[name];
  if (name === undefined || resource === undefined) return undefined;
  const known = records.get(thing.number);
  if (known !== undefined && change === "delete") return keeper.delete(known);
  const operation = known === undefined ? resource.create : resource.update;
  const fields = operation && makeUpInput(operation.input, { random: seededRandom(thing.seed), now });
  if (fields === undefined) return undefined;
  if (known === undefined) {
    const record = keeper.create(account, name, placeIn(resource.path, account), fields);
    records.set(thing.number, record);
    return record;
  }
  const changed = revised(fields, thing.version);
  return changed && keeper.update(known, changed);
}

/** A title or name that tells the versions apart. */
function revised(fields: Fields, version: number): Fields | undefined {
  const inner = Object.entries(fields).find(([, value]) => isJsonObject(value));
  const name = ["title", "subject", "name", "description"].find((field) => typeof fields[field] === "string");
  if (name !== undefined) return { [name]: `${String(fields[name])} (revision ${version})` };
  return inner !== undefined && isJsonObject(inner[1]) ? revised(inner[1], version) : undefined;
}

/** Somewhere to live: each account has one place of each kind. `path` is a resource's. */
export function placeIn(path: string, account: string): Place {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, name === "owner" ? account : `demo-${name}`]));
}
