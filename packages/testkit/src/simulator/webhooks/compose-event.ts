import { validate } from "@belay/sdk";
import type { EventSubject, Fields, Schema, Webhooks } from "@belay/sdk";
import { seededRandom } from "../random.ts";
import type { Random } from "../random.ts";
import type { Place } from "../store.ts";
import { tellPlace } from "./tell-place.ts";
import { isJsonObject, mapValues, memberAt, merged, withMemberAt } from "../generate/json.ts";
import type { JsonObject } from "../generate/json.ts";
import { isTimeName, makeUpValue } from "../generate/make-up-value.ts";
import { letters, plausibleText, uuid } from "../generate/plausible-text.ts";
import type { Change, Thing } from "./things.ts";

/** An event as the provider has it, before it is signed. */
export interface WebhookEvent {
  /** The provider's id of the event; the same in every delivery. */
  readonly id: string;
  readonly type: string;
  readonly account: string;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  readonly payload: JsonObject;
}

/** What an event is made of. */
export interface Happening {
  readonly account: string;
  readonly type: string;
  readonly change: Change;
  readonly thing: Thing;
  /** The record as the provider has it, where it is one. */
  readonly record?: { readonly body: Fields; readonly place: Place };
  /** What the payload says of the change beside the contract, by dotted path. */
  readonly says?: Readonly<Record<string, unknown>>;
  /** Laid over the payload, object by object. */
  readonly payload?: JsonObject;
  readonly now: Date;
  readonly random: Random;
}

/**
 * Makes the event that tells of a change: the connector's example (or a payload made up from the schema) with ids, times and texts of
 * its own, and with the record where there is one.
 *
 * @throws TypeError naming the field when the payload does not fit the event's schema.
 */
export async function composeEvent(webhooks: Webhooks, happening: Happening): Promise<WebhookEvent> {
  const { account, type, change, now, random } = happening;
  const schema = webhooks.events[type];
  if (schema === undefined) {
    throw new TypeError(`There is no event "${type}"; declared are ${Object.keys(webhooks.events).join(", ")}.`);
  }
  const subject = webhooks.subjects?.[type];
  const idPath = pathOfId(webhooks.id);
  const id = idPath === undefined ? uuid(random) : "";
  let payload = dated(await basePayload(webhooks, type, schema, happening), now);
  if (subject !== undefined) {
    payload = aboutThing(payload, subject, happening);
    if (happening.record !== undefined) payload = tellPlace(payload, subject.place ?? {}, happening.record.place);
    const saying = { ...subject.causedBy?.[change], ...happening.says };
    for (const [path, member] of Object.entries(saying)) payload = withMemberAt(payload, path, member);
    const told = memberAt(payload, subject.path);
    if (happening.record !== undefined && isJsonObject(told))
      payload = withMemberAt(payload, subject.path, merged(told, { ...happening.record.body }));
  }
  if ("body" in webhooks.type) payload = withMemberAt(payload, webhooks.type.body, type);
  if (idPath !== undefined) {
    const shown: unknown = memberAt(payload, idPath);
    payload = withMemberAt(payload, idPath, typeof shown === "string" ? anotherId(shown, random) : uuid(random));
  }
  payload = merged(payload, happening.payload ?? {});
  const validation = await validate(schema, payload);
  if ("issues" in validation && happening.payload === undefined) {
    const [issue] = validation.issues;
    throw new TypeError(
      `The simulator cannot make an event "${type}" that fits its schema (${issue?.path}: ${issue?.message}); declare webhooks.examples["${type}"].`,
    );
  }
  const given: unknown = idPath === undefined ? id : memberAt(payload, idPath);
  return { id: typeof given === "string" ? given : String(given), type, account, at: now.getTime(), payload };
}

/** Where the payload has the event's id; undefined where it is in a header, or nowhere. */
export function pathOfId(id: Webhooks["id"]): string | undefined {
  return typeof id === "object" && "body" in id ? id.body : undefined;
}

async function basePayload(webhooks: Webhooks, type: string, schema: Schema, { thing, now }: Happening): Promise<JsonObject> {
  const example: unknown = await webhooks.examples?.[type]?.();
  if (isJsonObject(example)) return example;
  try {
    // Drawn from the thing alone, so that a later change of it finds the same values again.
    const madeUp = makeUpValue(schema, { random: seededRandom(thing.seed), now });
    return isJsonObject(madeUp) ? madeUp : {};
  } catch (error) {
    throw new TypeError(`Event "${type}": ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

/** Moves all times by the same span, so that the newest of those that have passed is now. */
function dated(payload: JsonObject, now: Date): JsonObject {
  let newest = 0;
  mapValues(payload, (value, name) => {
    if (!/^(next|due|expires?|until|trial_end|period_end)(_|$)/.test(name)) newest = Math.max(newest, timeOf(value, name) ?? 0);
    return value;
  });
  const shiftMs = newest === 0 ? 0 : Math.floor((now.getTime() - newest) / 1_000) * 1_000;
  const shifted = mapValues(payload, (value, name) => {
    const time = timeOf(value, name);
    return time === undefined ? value : writtenLike(value, time + shiftMs);
  });
  return isJsonObject(shifted) ? shifted : payload;
}

function timeOf(value: unknown, name: string): number | undefined {
  if (typeof value === "number") return isTimeName(name) && value > 1e9 && value < 4e9 ? value * 1_000 : undefined;
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) ? Date.parse(value) : undefined;
}

function writtenLike(value: unknown, time: number): unknown {
  if (typeof value === "number") return Math.floor(time / 1_000);
  const text = new Date(time).toISOString();
  return typeof value === "string" && value.includes(".") ? text : text.replace(/\.\d+Z$/, "Z");
}

/** Makes the payload tell of `thing`: keys of its own wherever the example's stood, a text of its own, its time of creation. */
function aboutThing(payload: JsonObject, { path, keys }: EventSubject, { thing, change, record }: Happening): JsonObject {
  const shown = memberAt(payload, path);
  if (!isJsonObject(shown)) return payload;
  const own = seededRandom(thing.seed);
  const replacements = keys.map((key) => ({ key, from: shown[key], to: record?.body[key] ?? anotherKey(shown[key], thing, own) }));
  const renamed = mapValues(payload, (value, name) => {
    for (const { key, from, to } of replacements) {
      if (value === from && (typeof from === "string" || name === key)) return to;
      if (typeof value === "string" && value.endsWith(`/${String(from)}`)) return `${value.slice(0, -String(from).length)}${String(to)}`;
    }
    return value;
  });
  if (!isJsonObject(renamed)) return payload;
  const told = memberAt(renamed, path);
  const retold = mapMembers(isJsonObject(told) ? told : {}, (value, name) => {
    if (/^created(_at)?$/.test(name) && timeOf(value, name) !== undefined) return writtenLike(value, thing.createdAt);
    // What state the example's thing is in fits the rest of the example.
    if (typeof value !== "string" || keys.includes(name) || name === "state" || name === "action") return value;
    const text = plausibleText(name, seededRandom(thing.seed));
    const changed = text !== undefined && change === "update" && /^(title|subject|summary|name)$/.test(name);
    return changed ? `${text} (revision ${thing.version})` : (text ?? value);
  });
  return withMemberAt(renamed, path, retold);
}

/** A copy whose direct members are replaced; what is deeper belongs to other things. */
function mapMembers(value: JsonObject, replace: (value: unknown, name: string) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replace(member, name)]));
}

/** A key of the same shape that no other thing has. */
function anotherKey(shown: unknown, thing: Thing, random: Random): unknown {
  if (typeof shown === "number") return shown + thing.number;
  if (typeof shown !== "string") return shown;
  const counted = /^(.*\D)?(\d+)$/.exec(shown);
  if (counted !== null) return `${counted[1] ?? ""}${String(Number(counted[2]) + thing.number).padStart(counted[2]?.length ?? 0, "0")}`;
  return anotherId(shown, random);
}

/** `evt_1Abc…` becomes `evt_` and other characters; without a prefix the whole text is another. */
function anotherId(shown: string, random: Random): string {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(shown)) return uuid(random);
  const prefix = /^[a-z]+_/.exec(shown)?.[0] ?? "";
  return `${prefix}${letters(random, 20)}`;
}
