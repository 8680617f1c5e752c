import { isBelayError } from "@belay/sdk";
import type { ApiMatchReview, ApiRecord, BelayClient } from "@belay/sdk/client";
import { Command, InvalidArgumentError, Option } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeMerges, describeReview, describeReviews, type OpenedReview } from "../inspecting/describe-identity.ts";
import { printResult } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface IdentityOptions extends InspectingOptions {
  readonly tenant: string;
}

interface ListOptions extends IdentityOptions {
  readonly limit: string;
}

/** `belay identity`: which records are one thing; what people are asked, and what they do. */
export function identityCommand(): Command {
  const command = new Command("identity").description(
    "Which records of different connections are one thing: reviews to decide, merges to make and to take back.",
  );
  command.addCommand(reviewsCommand(), { isDefault: true });
  for (const sub of [showCommand(), linkCommand(), apartCommand(), mergesCommand(), mergeCommand(), unmergeCommand()])
    command.addCommand(sub);
  return command;
}

function reviewsCommand(): Command {
  return ofTenant("reviews")
    .description("Records of which the rules cannot say what they are, oldest first.")
    .addOption(new Option("--state <state>", "which").choices(["open", "linked", "apart"]).default("open"))
    .option("--limit <number>", "how many", "50")
    .action(async ({ state, ...options }: ListOptions & { readonly state: ApiMatchReview["state"] }) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const { tenant } = options;
      const found = await withServer(options, async ({ belay }) => await takeFirst(belay.matchReviews({ tenant, state }), most));
      printResult(options.json, found, () => describeReviews(found.items, found.more, tenant));
    });
}

function showCommand(): Command {
  return ofReview("show")
    .description("One review, with the record and its candidates side by side. That may be personal data.")
    .action(async (id: number, options: IdentityOptions) => {
      const opened = await withServer(options, async ({ belay }) => await openReview(belay, options.tenant, id));
      printResult(options.json, opened, () => describeReview(opened, options.tenant));
    });
}

async function openReview(belay: BelayClient, tenant: string, id: number): Promise<OpenedReview> {
  const review = await belay.matchReview(tenant, id);
  const { connection, resource, externalId } = review;
  const [record = null] = (await takeFirst(belay.records({ tenant, connection, resource, externalId }), 1)).items;
  const candidates: { id: string; records: readonly ApiRecord[] }[] = [];
  for (const candidate of review.candidates) candidates.push({ id: candidate.id, records: await recordsOf(belay, tenant, candidate.id) });
  return { review, record, candidates };
}

/** A candidate may have been merged into another thing since. */
async function recordsOf(belay: BelayClient, tenant: string, id: string): Promise<readonly ApiRecord[]> {
  try {
    return (await belay.record(tenant, id)).items.filter(({ deletedAt }) => deletedAt === null);
  } catch (error) {
    if (isBelayError(error) && error.code === "API_NOT_FOUND") return [];
    throw error;
  }
}

function linkCommand(): Command {
  return ofReview("link")
    .description("Say that the record of a review is a candidate: the two become one thing. It can be taken back.")
    .option("--to <thing>", "which candidate, rec_…; needed where there are several")
    .action(async (id: number, options: IdentityOptions & { readonly to?: string }) => {
      const { tenant } = options;
      const done = await withServer(options, async ({ belay }) => {
        const is = options.to ?? onlyCandidate(await belay.matchReview(tenant, id));
        await belay.decideMatchReview({ tenant, id, is });
        const { items } = await takeFirst(belay.merges({ tenant, record: is }), 1);
        return { review: id, is, merge: items[0]?.id ?? null };
      });
      const back = done.merge === null ? "" : ` To take it back: belay identity unmerge ${done.merge} --tenant ${tenant}`;
      printResult(options.json, done, () => `They are one thing now, ${done.is}.${back}`);
    });
}

/** @throws `CLI_OPTION_INVALID` where there are several. */
function onlyCandidate({ id, candidates }: ApiMatchReview): string {
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only.id;
  throw invalidOption("--to", `says which: review ${id} has ${candidates.map((candidate) => candidate.id).join(", ")}.`);
}

function apartCommand(): Command {
  return ofReview("apart")
    .description("Say that the record of a review is none of its candidates: it stays a thing of its own.")
    .action(async (id: number, options: IdentityOptions) => {
      await withServer(options, async ({ belay }) => await belay.decideMatchReview({ tenant: options.tenant, id, is: null }));
      printResult(options.json, { review: id, is: null }, () => "It stays a thing of its own, and nobody is asked again.");
    });
}

function mergesCommand(): Command {
  return ofTenant("merges")
    .description("Things that were made one, newest first.")
    .option("--record <thing>", "only those that this one took part in, rec_…")
    .option("--limit <number>", "how many", "50")
    .action(async (options: ListOptions & { readonly record?: string }) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const query = { tenant: options.tenant, ...(options.record !== undefined && { record: options.record }) };
      const found = await withServer(options, async ({ belay }) => await takeFirst(belay.merges(query), most));
      printResult(options.json, found, () => describeMerges(found.items, found.more, options.tenant));
    });
}

function mergeCommand(): Command {
  return ofTenant("merge")
    .description("Make two things one: records of the second become records of the first. It can be taken back.")
    .argument("<stays>", "the thing whose id stays, rec_…")
    .argument("<given-up>", "the thing whose id is given up, rec_…")
    .requiredOption("--why <reason>", "for whoever wonders later")
    .action(async (survivor: string, merged: string, { why, ...options }: IdentityOptions & { readonly why: string }) => {
      const { tenant } = options;
      const id = await withServer(options, async ({ belay }) => await belay.mergeRecords({ tenant, survivor, merged, why }));
      const back = `To take it back: belay identity unmerge ${id} --tenant ${tenant}`;
      printResult(options.json, { id }, () => `They are one thing now, ${survivor}. ${back}`);
    });
}

function unmergeCommand(): Command {
  return ofTenant("unmerge")
    .description("Take a merge back: its records get the id again that they had.")
    .argument("<merge>", "its number, as belay identity merges shows it", toCount)
    .action(async (id: number, options: IdentityOptions) => {
      await withServer(options, async ({ belay }) => await belay.undoMerge({ tenant: options.tenant, id }));
      printResult(options.json, { id }, () => `Merge ${id} is taken back: they are two things again.`);
    });
}

function ofTenant(name: string): Command {
  return inspecting(new Command(name)).requiredOption("--tenant <tenant>", "whose records");
}

function ofReview(name: string): Command {
  return ofTenant(name).argument("<review>", "its number, as belay identity reviews shows it", toCount);
}

function toCount(value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Give a whole number above 0.");
}
