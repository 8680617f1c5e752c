import { describe } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { resolveBodies } from "../formats/index.ts";
import type { DeclaredBodies } from "../formats/index.ts";
import type { BulkOperation, OutcomeMatch } from "./bulk.ts";
import { placeNamesOf } from "./record-path.ts";
import type { Resource } from "./types.ts";

/** What a bulk operation says about its resource. */
export function checkBulk(name: string, resource: Resource, bodies: DeclaredBodies | undefined, refuse: Refuse): void {
  for (const kind of ["create", "update", "upsert"] as const) {
    const declared = resource[`${kind}Many`];
    if (declared === undefined) continue;
    const field = `resources.${name}.${kind}Many`;
    if (kind !== "upsert" && resource[kind] === undefined)
      refuse(field, "an operation on many", `Declare ${kind} too: it says what one of them takes.`);
    checkSafety(field, resource, declared, refuse);
    checkMatches(field, declared, refuse);
    checkPlace(field, resource, declared, refuse);
    checkFormat(field, resource, declared, bodies, refuse);
  }
}

function checkSafety(field: string, resource: Resource, { safety }: BulkOperation, refuse: Refuse): void {
  const readBack = safety.kind === "natural" ? undefined : safety.readBack;
  if (readBack !== undefined && resource.find?.by.includes(readBack.by) !== true)
    refuse(`${field}.safety.readBack.by`, describe(readBack.by), "It must be one of find.by, or the record cannot be found again.");
  // Creating twice is two records; whoever says otherwise means an upsert.
  if (safety.kind === "natural" && field.endsWith(".createMany"))
    refuse(
      `${field}.safety.kind`,
      '"natural"',
      "A record that is created twice is there twice. Where the provider knows it by a field, declare upsertMany; else itemKey or readBack.",
    );
}

function checkMatches(field: string, { outcomes, item }: BulkOperation, refuse: Refuse): void {
  const ofErrors = [outcomes.errors?.match ?? []].flat();
  const matches: readonly (readonly [string, OutcomeMatch])[] = [
    ["match", outcomes.match],
    ...ofErrors.map((match) => ["errors.match", match] as const),
  ];
  for (const [place, match] of matches) {
    if (typeof match === "object" && "token" in match && item?.token === undefined)
      refuse(`${field}.outcomes.${place}`, "a token that is never sent", "Name the member of the item that carries it: item: { token }.");
  }
  if (ofErrors.includes("position"))
    refuse(`${field}.outcomes.errors.match`, '"position"', "The nth refusal is not the nth item's; say how its item is told.");
  // With refusals in a list of their own, the other list is shorter than the call.
  if (outcomes.errors !== undefined && outcomes.match === "position")
    refuse(
      `${field}.outcomes.match`,
      '"position"',
      "Items that are refused are missing in the results, so places shift; match by index, token or field.",
    );
}

function checkPlace(field: string, resource: Resource, { path }: BulkOperation, refuse: Refuse): void {
  const places = placeNamesOf(resource.path);
  const stranger = placeNamesOf(path).find((place) => !places.includes(place));
  if (stranger !== undefined || path.includes("{id}"))
    refuse(`${field}.path`, `{${stranger ?? "id"}}`, "Only the placeholders of the resource's path are known when many are written.");
}

function checkFormat(field: string, resource: Resource, declared: BulkOperation, bodies: DeclaredBodies | undefined, refuse: Refuse): void {
  const { sent, received } = resolveBodies(declared.bodies, resource.bodies, bodies);
  const other = [sent, received].find((format) => format !== "json");
  if (other !== undefined) refuse(`${field}.bodies`, describe(other), 'A call for many is written and read as JSON: say bodies: "json".');
}
