import type { ApiMatchReview, ApiMerge, ApiRecord } from "@belay/sdk/client";
import { readableTime, shortened, tableOf } from "./print.ts";
import { sideBySide } from "./side-by-side.ts";

/** A review with the records that it is about, so that somebody can compare them. */
export interface OpenedReview {
  readonly review: ApiMatchReview;
  /** The record in question; null: it is gone. */
  readonly record: ApiRecord | null;
  /** Those of each candidate, one of each connection that has it; none: it is gone. */
  readonly candidates: readonly { readonly id: string; readonly records: readonly ApiRecord[] }[];
}

const whyAsked: Readonly<Record<ApiMatchReview["why"], string>> = {
  several: "several are as good",
  weak: "too little in common to be sure",
  taken: "its connection has one of the same already",
};

/** More columns than that fit no screen. */
const mostColumns = 4;

/** Reviews as a table, and how to go on. */
export function describeReviews(items: readonly ApiMatchReview[], more: boolean, tenant: string): string {
  const table = tableOf(
    ["review", "asked", "record", "may be", "why somebody is asked", "state"],
    items.map((review) => [
      String(review.id),
      readableTime(review.at),
      nameOf(review),
      candidatesOf(review),
      whyAsked[review.why],
      review.decidedBy === null ? review.state : `${review.state} by ${review.decidedBy}`,
    ]),
    "No reviews: nobody has to decide whether two records are one thing.",
  );
  const [first] = items;
  if (first === undefined) return table;
  const [others, show] = [more ? "There are more: --limit. " : "", `belay identity show ${first.id} --tenant ${tenant}`];
  return `${table}\n\n${others}To see one with its candidates side by side: ${show}`;
}

function candidatesOf({ candidates }: ApiMatchReview): string {
  const [best, ...others] = candidates;
  if (best === undefined) return "";
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${best.id} (${agreementOf(best)})${more}`;
}

function agreementOf({ agreesOn, score }: ApiMatchReview["candidates"][number]): string {
  return `same ${agreesOn.join(", ")}; ${Math.round(score * 100)} % sure`;
}

function nameOf({ connection, resource, externalId }: Pick<ApiRecord, "connection" | "resource" | "externalId">): string {
  return `${resource} ${externalId} at ${connection}`;
}

/** One review: the record and its candidates side by side, and what can be said to it. */
export function describeReview({ review, record, candidates }: OpenedReview, tenant: string): string {
  // Once it is linked, it is one of the candidate's own.
  const isItself = (one: ApiRecord): boolean => record !== null && nameOf(one) === nameOf(record);
  const others = candidates.flatMap(({ id, records }) => records.filter((one) => !isItself(one)).map((one) => ({ ...one, id })));
  const columns = [...(record === null ? [] : [record]), ...others].slice(0, mostColumns);
  const table = sideBySide(columns.map((one) => ({ title: nameOf(one), thing: one.id, data: one.data })));
  const facts = review.candidates.map((candidate) => `  ${candidate.id}: ${agreementOf(candidate)}${goneOf(candidate.id, candidates)}`);
  const head = `Review ${review.id}: is ${nameOf(review)} one of these? Asked because ${whyAsked[review.why]}.`;
  return [head, ...facts, "", table, "", ...whatToDo(review, tenant)].join("\n");
}

function goneOf(id: string, candidates: OpenedReview["candidates"]): string {
  return candidates.some((one) => one.id === id && one.records.length > 0) ? "" : " (gone since: merged into another, or deleted)";
}

function whatToDo({ id, state, decidedBy, decidedAt, candidates }: ApiMatchReview, tenant: string): string[] {
  if (state === "linked")
    return [`Decided by ${decidedBy ?? ""} at ${readableTime(decidedAt)}: it is one. See belay identity merges --tenant ${tenant}`];
  if (state === "apart") return [`Decided by ${decidedBy ?? ""} at ${readableTime(decidedAt)}: it is none of them.`];
  const to = candidates.length === 1 ? "" : ` --to ${candidates[0]?.id ?? "<thing>"}`;
  return [`It is one: belay identity link ${id} --tenant ${tenant}${to}`, `It is none: belay identity apart ${id} --tenant ${tenant}`];
}

/** Merges as a table, and how to take one back. */
export function describeMerges(items: readonly ApiMerge[], more: boolean, tenant: string): string {
  const table = tableOf(
    ["merge", "at", "stays", "given up", "records that moved", "why", "by", "taken back"],
    items.map((merge) => [
      String(merge.id),
      readableTime(merge.at),
      merge.survivor,
      merge.merged,
      shortened(merge.moved.map(nameOf).join(", ")),
      shortened(merge.why, 40),
      merge.by,
      merge.undoneAt === null ? "" : `${readableTime(merge.undoneAt)} by ${merge.undoneBy ?? ""}`,
    ]),
    "Nothing was merged.",
  );
  const standing = items.find(({ undoneAt }) => undoneAt === null);
  const others = more ? "There are more: --limit. " : "";
  return standing === undefined ? table : `${table}\n\n${others}To take one back: belay identity unmerge ${standing.id} --tenant ${tenant}`;
}
