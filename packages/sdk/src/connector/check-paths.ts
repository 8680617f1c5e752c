import { describe } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { placeNamesOf } from "./record-path.ts";
import type { Resource } from "./types.ts";

/** What a resource's paths say about each other, and how a find goes by them. */
export function checkPaths(name: string, { path, recordPath, find }: Resource, refuse: Refuse): void {
  const field = `resources.${name}`;
  if (path.includes("{id}")) refuse(`${field}.path`, describe(path), "This is where all records are; put the path of one into recordPath.");
  if (recordPath !== undefined) checkRecordPath(`${field}.recordPath`, path, recordPath, refuse);
  if (find?.style.kind === "path" && find.style.parameter === undefined && find.by.length !== 1)
    refuse(`${field}.find.by`, `${find.by.length} fields`, "Without a parameter the path does not say which is meant; name the one.");
}

function checkRecordPath(field: string, path: string, recordPath: string, refuse: Refuse): void {
  if (recordPath.split("{id}").length !== 2)
    refuse(field, describe(recordPath), "Write {id} once, where the record's id stands, such as /issues/{id}.xml.");
  const places = placeNamesOf(path);
  const stranger = placeNamesOf(recordPath).find((place) => !places.includes(place));
  if (stranger !== undefined)
    refuse(field, `{${stranger}}`, `The path has no such placeholder, and in() asks for those of the path: ${listed(places)}.`);
}

function listed(places: readonly string[]): string {
  return places.length === 0 ? "there are none" : places.map((place) => `{${place}}`).join(", ");
}
