import type { Changes, ChangesByField, PlacedListing } from "../../connector/changes.ts";
import type { Resource } from "../../connector/types.ts";
import { sinceText } from "../changes/watermark.ts";
import type { NextWalk } from "../changes/next-walk.ts";
import { planWalk } from "../walk/plan.ts";
import type { WalkPlan } from "../walk/plan.ts";

/** One listing that a walk goes through. */
export interface SourcePart {
  readonly of: "records" | "changes" | "deletions";
  readonly listing: PlacedListing;
  readonly plan: WalkPlan;
}

/** What is asked of every listing of a walk besides. */
export interface SourceWish {
  /** Filters of the sync's own, by parameter. They are no part of "everything". */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly pageSize?: number;
}

/** The listings that a walk goes through, in their order: everything, or the changes and after them the deletions. */
export function partsOf(resource: Resource, next: NextWalk, wish: SourceWish = {}): readonly SourcePart[] {
  const { list, changes } = resource;
  if (list === undefined) return [];
  if (next.kind !== "incremental" || changes === undefined) return [everything(resource, list, wish)];
  const since = "token" in next ? { [tokenParameter(changes)]: next.token } : sinceOf(changes, changes.list ?? list, next.sinceMs);
  const listing = changes.list ?? list;
  const rising = changes.by.kind === "field" ? changes.by.field : undefined;
  const changed: SourcePart = {
    of: "changes",
    listing,
    plan: planWalk(listing, {
      id: changes.entry?.id ?? resource.id,
      // A listing of its own takes other parameters than that of the records.
      parameters: { ...(changes.list === undefined ? wish.parameters : {}), ...since },
      careful: true,
      covers: "changes",
      ...(rising !== undefined && { rising }),
    }),
  };
  const { deleted } = changes;
  if (deleted === undefined) return [changed];
  const sinceMs = "token" in next ? undefined : next.sinceMs;
  return [changed, deletions(resource, deleted, sinceMs)];
}

function everything(resource: Resource, list: PlacedListing, { parameters = {}, pageSize }: SourceWish): SourcePart {
  const { changes } = resource;
  const rising = changes?.by.kind === "field" && changes.list === undefined ? changes.by.field : undefined;
  const plan = planWalk(list, {
    id: resource.id,
    parameters,
    careful: true,
    ...(rising !== undefined && { rising }),
    ...(pageSize !== undefined && { pageSize }),
  });
  return { of: "records", listing: list, plan };
}

function deletions(resource: Resource, deleted: NonNullable<Changes["deleted"]>, sinceMs: number | undefined): SourcePart {
  const parameters = deleted.since === undefined || sinceMs === undefined ? {} : sinceBy(deleted.since, deleted, sinceMs);
  const rising = deleted.since?.field;
  const wish = { id: deleted.id ?? resource.id, parameters, careful: true, covers: "changes" } as const;
  return { of: "deletions", listing: deleted, plan: planWalk(deleted, { ...wish, ...(rising !== undefined && { rising }) }) };
}

function sinceOf({ by }: Changes, listing: PlacedListing, sinceMs: number): Readonly<Record<string, string>> {
  return by.kind === "field" ? sinceBy(by, listing, sinceMs) : {};
}

function sinceBy(by: ChangesByField, { filters }: PlacedListing, sinceMs: number): Readonly<Record<string, string>> {
  return { [by.filter]: sinceText(by, filters?.[by.filter], sinceMs) };
}

function tokenParameter({ by }: Changes): string {
  return by.kind === "token" ? by.parameter : by.filter;
}
