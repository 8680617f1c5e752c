import { describe, suggest } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import type { ChangesByField } from "./changes.ts";
import type { ListOperation } from "./listing.ts";
import type { ConnectorDefinition, Resource } from "./types.ts";

/** What a resource's changes say about the listing that they are read from, and about the connector's events. */
export function checkChanges(name: string, { list, changes }: Resource, { webhooks }: ConnectorDefinition, refuse: Refuse): void {
  if (changes === undefined) return;
  const at = `resources.${name}.changes`;
  const read = changes.list ?? list;
  if (read === undefined || list === undefined)
    return refuse(at, "no listing", "Changes go on from a walk through everything: declare the resource's list.");
  if (changes.by.kind === "field") checkFilter(`${at}.by`, changes.by, read, refuse);
  if (changes.deleted?.since !== undefined) checkFilter(`${at}.deleted.since`, changes.deleted.since, changes.deleted, refuse);
  const types = Object.keys(webhooks?.events ?? {});
  const stranger = changes.hints?.find((type) => !types.includes(type));
  if (stranger !== undefined) refuse(`${at}.hints`, describe(stranger), suggest(stranger, types));
  return undefined;
}

function checkFilter(at: string, { filter }: ChangesByField, { filters = {} }: ListOperation, refuse: Refuse): void {
  const test = filters[filter]?.test;
  if (test === "atLeast" || test === "above") return;
  if (filters[filter] === undefined) return refuse(`${at}.filter`, describe(filter), suggest(filter, Object.keys(filters)));
  refuse(`${at}.filter`, describe(filter), 'It has to let pass what is newer: give the filter the test "atLeast" or "above".');
  return undefined;
}
