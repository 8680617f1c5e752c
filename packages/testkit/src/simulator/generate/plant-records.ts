import { validate } from "@belay/sdk";
import type { Schema } from "@belay/sdk";
import { seedFor, seededRandom } from "../random.ts";
import type { Random } from "../random.ts";
import type { ResourceModel } from "../resource-model.ts";
import { findable } from "../store.ts";
import type { Fields, Place, ResourceStore } from "../store.ts";
import type { Stores } from "../stores.ts";
import { placeIn } from "../webhooks/index.ts";
import { loadFakerText } from "./faker-text.ts";
import type { Say } from "./faker-text.ts";
import { isJsonObject } from "./json.ts";
import { makeUpValue } from "./make-up-value.ts";
import { letters, pick } from "./plausible-text.ts";

/** How many records there are at the start, by resource; and where they live, where the resource's path has placeholders. */
export type RecordCounts = Readonly<Record<string, number | { readonly count: number; readonly in: Place }>>;

export interface Planting {
  readonly account: string;
  readonly models: ReadonlyMap<string, ResourceModel>;
  readonly stores: Stores;
  readonly seed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The records have come into being in the course of so long. */
const spanMs = 365 * 86_400_000;
/** Of the fields that may be left out, so many are there. */
const presence = 0.8;
const mostTries = 50;

/**
 * Fills stores with records that look real and fit their schemas, references kept; the same for the same seed.
 *
 * @throws TypeError naming the resource when no valid record comes about.
 */
export async function plantRecords(planting: Planting, counts: RecordCounts): Promise<void> {
  const text = await loadFakerText(seededRandom(seedFor(planting.seed, "text")));
  for (const model of inOrderOfReferences(planting.models, counts)) {
    const wanted = counts[model.name] ?? 0;
    const { count, in: place } = typeof wanted === "number" ? { count: wanted, in: {} } : wanted;
    const somewhere = placeIn(model.resource.path.replaceAll("{version}", ""), planting.account);
    const random = seededRandom(seedFor(planting.seed, `records/${model.name}`));
    const store = planting.stores.of(model, { ...somewhere, ...place });
    for (let nth = 0; nth < count; nth += 1) {
      const at = planting.now - Math.round(spanMs * (1 - nth / count));
      store.plant(await makeRecord(planting, model, store, { random, say: text, at }), at);
    }
  }
}

interface Drawing {
  readonly random: Random;
  readonly say: Say;
  readonly at: number;
}

async function makeRecord({ models, stores }: Planting, model: ResourceModel, store: ResourceStore, drawing: Drawing): Promise<Fields> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const fields: Record<string, unknown> = { ...drawFields(model, drawing) };
    for (const [field, target] of Object.entries(model.resource.references ?? {})) {
      const records = stores.records(target);
      const id = models.get(target)?.resource.id;
      if (records.length === 0 || id === undefined) delete fields[field];
      else fields[field] = pick(drawing.random, records).body[id];
    }
    const taken = model.unique.filter((field) => store.findBy(field, findable(fields[field]) ?? "").length > 0);
    for (const field of taken) fields[field] = another(fields[field], drawing.random);
    const { input } = model.resource.create ?? {};
    const valid = input === undefined || "value" in (await validate(input, inputOf(input, fields)));
    if (valid && taken.length === 0 && "value" in (await validate(model.resource.schema, store.preview(fields, drawing.at)))) return fields;
  }
  throw new TypeError(
    `The simulator cannot make up a "${model.name}" that fits its schema; give it simulator.resources.${model.name}.defaults, or fill it yourself.`,
  );
}

/** What the create takes, and what the record must have beyond that and the provider does not fill in. */
function drawFields({ resource, make }: ResourceModel, { random, say, at }: Drawing): Fields {
  const now = new Date(at);
  const context = { id: "0", serial: 0, account: "", place: {} };
  const sent = resource.create === undefined ? {} : objectOf(resource.create.input, "input", { random, say, now, presence });
  const shown = objectOf(resource.schema, "output", { random, say, now, presence: 0 });
  const inner: unknown = resource.fieldsIn === undefined ? shown : shown[resource.fieldsIn];
  const filled = new Set([resource.id, ...Object.keys(make.defaults(now, context)), ...Object.keys(make.computed(now, context, sent))]);
  const required = Object.entries(isJsonObject(inner) ? inner : {}).filter(
    ([name]) => resource.fieldsIn !== undefined || !filled.has(name),
  );
  return { ...Object.fromEntries(required), ...sent };
}

function objectOf(schema: Schema, side: "input" | "output", making: Parameters<typeof makeUpValue>[1]): Fields {
  const value = makeUpValue(schema, making, side);
  return isJsonObject(value) ? value : {};
}

/** Only what the input knows: a strict one refuses what the provider fills in. */
function inputOf(input: Schema, fields: Fields): Fields {
  const known = Object.keys(objectOf(input, "input", { random: () => 0, now: new Date(0), presence: 1 }));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => known.includes(name)));
}

/** A value like it that is very probably new. */
function another(value: unknown, random: Random): unknown {
  const suffix = letters(random, 6).toLowerCase();
  if (typeof value !== "string") return value;
  return value.includes("@") ? value.replace("@", `.${suffix}@`) : `${value}${suffix}`;
}

/** What others refer to comes first; in a circle the order of declaration decides. */
function inOrderOfReferences(models: ReadonlyMap<string, ResourceModel>, counts: RecordCounts): readonly ResourceModel[] {
  const unknown = Object.keys(counts).find((name) => !models.has(name));
  if (unknown !== undefined) throw new TypeError(`There is no resource "${unknown}"; declared are ${[...models.keys()].join(", ")}.`);
  const ordered = new Set<ResourceModel>();
  const visiting = new Set<ResourceModel>();
  const visit = (model: ResourceModel): void => {
    if (visiting.has(model)) return;
    visiting.add(model);
    for (const target of Object.values(model.resource.references ?? {})) {
      const other = models.get(target);
      if (other !== undefined) visit(other);
    }
    ordered.add(model);
  };
  for (const model of models.values()) visit(model);
  return [...ordered].filter(({ name }) => counts[name] !== undefined);
}
