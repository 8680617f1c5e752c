import type { Place } from "../store.ts";
import { isJsonObject, mapValues, memberAt } from "../generate/json.ts";
import type { JsonObject } from "../generate/json.ts";

/** The payload with its thing at `place`: the names of the example's place are replaced wherever they stand alone or in a URL. */
export function tellPlace(payload: JsonObject, templates: Readonly<Record<string, string>>, place: Place): JsonObject {
  let told = payload;
  for (const [path, template] of Object.entries(templates)) {
    const from = memberAt(told, path);
    const to = template.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => place[name] ?? "");
    if (typeof from !== "string" || from === "" || from === to) continue;
    const replaced = mapValues(told, (value) => (typeof value === "string" ? moved(value, from, to) : value));
    if (isJsonObject(replaced)) told = replaced;
  }
  return told;
}

function moved(text: string, from: string, to: string): string {
  if (text === from) return to;
  const within = text.replaceAll(`/${from}/`, `/${to}/`);
  return within.endsWith(`/${from}`) ? `${within.slice(0, -from.length)}${to}` : within;
}
