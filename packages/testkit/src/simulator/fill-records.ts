import { validate } from "@belay/sdk";
import type { ConnectorDefinition, Fields, Resource } from "@belay/sdk";
import { seededRandom, seedFor } from "./random.ts";
import type { Place, StoredRecord } from "./store.ts";
import { makeUpInput, placeIn } from "./webhooks/index.ts";

export interface FillOptions {
  readonly connector: ConnectorDefinition;
  readonly account: string;
  readonly seed: number;
  /** Milliseconds since the epoch; the records were created in the hours before. */
  readonly now: number;
  readonly create: (resource: string, place: Place, fields: Fields, at: number) => StoredRecord;
}

const hourMs = 3_600_000;

/**
 * Gives an account `count` records of a resource, as its people could have made them, an hour apart and the last one an hour ago.
 *
 * @throws TypeError when the connector declares no such resource, or none that can be made up.
 */
export async function fillRecords(name: string, count: number, options: FillOptions): Promise<void> {
  const { connector, account, seed, now, create } = options;
  const resource = connector.resources[name];
  if (resource?.create === undefined)
    throw new TypeError(`Connector "${connector.id}" declares no resource "${name}" that can be created.`);
  for (let serial = 1; serial <= count; serial += 1) {
    const at = now - (count + 1 - serial) * hourMs;
    const random = seededRandom(seedFor(seed, `${account}/${name}/${serial}`));
    const fields = makeUpInput(resource.create.input, { random, now: new Date(at) });
    if (fields === undefined)
      throw new TypeError(`A "${name}" cannot be made up: the schema of its create cannot describe itself as JSON Schema.`);
    create(name, placeIn(resource.path, account), await told(apart(fields, resource, serial), fields, resource), at);
  }
}

/** The fields by which a record is found must tell it from the others; an e-mail address stays one. */
function apart(fields: Fields, { find }: Resource, serial: number): Fields {
  const changed = (find?.by ?? []).flatMap((field) => {
    const value = fields[field];
    if (typeof value !== "string") return [];
    return [[field, value.includes("@") ? value.replace("@", `.${serial}@`) : `${value}-${serial}`] as const];
  });
  return { ...fields, ...Object.fromEntries(changed) };
}

/** What was changed, where the schema still takes it. */
async function told(changed: Fields, original: Fields, { create }: Resource): Promise<Fields> {
  if (create === undefined) return original;
  return "issues" in (await validate(create.input, changed)) ? original : changed;
}
