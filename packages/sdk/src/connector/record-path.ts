import type { Resource } from "./types.ts";

type Paths = Pick<Resource, "path" | "recordPath">;

/** The path of one record, with `{id}` and the placeholders of the resource's path. */
export function recordPathOf({ path, recordPath }: Paths): string {
  return recordPath ?? `${path}/{id}`;
}

/** The placeholders of a path that say where records live. */
export function placeNamesOf(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).filter((name) => name !== "id" && name !== "version");
}

/** Whether the path of one record leaves away part of its place: then no two places have the same id. */
export function idsSpanPlaces(resource: Paths): boolean {
  return placeNamesOf(recordPathOf(resource)).length < placeNamesOf(resource.path).length;
}

/** Whether a record is reached by its id alone, wherever it lives. */
export function isReachedByIdAlone(resource: Paths): boolean {
  return placeNamesOf(resource.path).length > 0 && placeNamesOf(recordPathOf(resource)).length === 0;
}
