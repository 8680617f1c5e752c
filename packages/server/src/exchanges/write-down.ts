import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import type { EndedRun } from "../flow/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { AttemptContents, KeptExchange } from "./attempt.ts";
import type { AttemptRow } from "./store.ts";
import { tokenize } from "./tokenize.ts";

export const compress = promisify(zstdCompress);

/** More of the results of earlier steps is not kept with an attempt, characters. */
const mostKnown = 65_536;
const longestError = 2_000;
const longestCode = 200;

/** What contents of attempts are sealed as. */
export const contentsPurpose = "attempt.contents";

/** Which fields tell of a person: of a call's request and answer, by its label, and of the results of a flow's steps. */
export interface PersonalFields {
  ofCall(label: string): readonly string[];
  ofResults(flow: string, eventType: string, target: string): readonly string[];
}

/** Makes rows of runs that have ended: personal values become tokens, the rest is compressed and sealed. */
export async function writeDown(
  runs: readonly EndedRun[],
  cipher: Cipher,
  personalFields: PersonalFields,
): Promise<readonly (AttemptRow & { readonly contents: Uint8Array })[]> {
  const contents = await withoutPersonalData(runs, cipher, personalFields);
  const packed = await Promise.all(contents.map((one) => compress(JSON.stringify(one))));
  const sealed = await cipher.seal(
    runs.map(({ message: { tenant } }, index) => ({ tenant, purpose: contentsPurpose, value: packed[index] ?? Buffer.alloc(0) })),
  );
  return runs.map((run, index) => ({ ...toRow(run), contents: sealed[index] ?? Buffer.alloc(0) }));
}

function toRow({ message, verdict, startedAtMs, endedAtMs }: EndedRun): AttemptRow {
  const waitMs = verdict.kind === "retry" ? verdict.afterMs : verdict.kind === "wait" ? verdict.waitMs : undefined;
  const code = verdict.kind === "retry" || verdict.kind === "dead" ? verdict.code : verdict.kind === "wait" ? verdict.why : undefined;
  return {
    tenant: message.tenant,
    message: message.id,
    attempt: message.attempts + 1,
    started_at: startedAtMs,
    ended_at: endedAtMs,
    verdict: verdict.kind,
    // The flow may have made it up.
    code: code === undefined ? null : code.slice(0, longestCode).toWellFormed().replaceAll("\0", "\uFFFD"),
    next_at: waitMs === undefined ? null : endedAtMs + waitMs,
  };
}

/** Every text of all runs goes through one call, because tokens are made in batches. */
async function withoutPersonalData(runs: readonly EndedRun[], cipher: Cipher, personalFields: PersonalFields): Promise<AttemptContents[]> {
  const texts: { tenant: string; text: string; fields: readonly string[] }[] = [];
  const finish = runs.map((run) =>
    prepare(run, personalFields, (text, fields) => texts.push({ tenant: run.message.tenant, text, fields }) - 1),
  );
  const clean = await tokenize(cipher, texts);
  return finish.map((one) => one((index) => clean[index]?.text ?? ""));
}

/** First hands in the texts of a run, each for its index; then puts the run together from what they have become. */
function prepare(
  { message, target, verdict, report }: EndedRun,
  personalFields: PersonalFields,
  handIn: (text: string, fields: readonly string[]) => number,
): (clean: (index: number) => string) => AttemptContents {
  const error = verdict.kind === "retry" || verdict.kind === "dead" ? handIn(verdict.error.slice(0, longestError), []) : undefined;
  const results = Object.entries(message.steps);
  const fieldsOfResults = personalFields.ofResults(message.flow, message.eventType, target);
  const tooLong = results.reduce((sum, [, result]) => sum + result.length, 0) > mostKnown;
  const known = tooLong ? undefined : results.map(([name, result]) => [name, handIn(result, fieldsOfResults)] as const);
  const exchanges = (report?.exchanges ?? []).map((exchange) => prepareExchange(exchange, personalFields.ofCall(exchange.label), handIn));
  return (clean) => ({
    target,
    error: error === undefined ? null : clean(error),
    spanId: report?.spanId ?? null,
    suspect: message.suspect,
    firstAttemptAt: message.firstAttemptAtMs,
    known: known === undefined ? null : Object.fromEntries(known.map(([name, index]) => [name, clean(index)])),
    steps: report?.steps ?? [],
    exchanges: exchanges.map((finish) => finish(clean)),
    ...(report?.omitted && { omitted: report.omitted }),
  });
}

/** First hands in the texts of an exchange, each for its index; then puts it together from what they have become. */
export function prepareExchange(
  exchange: KeptExchange,
  fields: readonly string[],
  handIn: (text: string, fields: readonly string[]) => number,
): (clean: (index: number) => string) => KeptExchange {
  const { request, response } = exchange;
  const headers = (all: Readonly<Record<string, string>>): (readonly [string, number])[] =>
    Object.entries(all).map(([name, value]) => [name, handIn(value, [])]);
  const path = handIn(request.path, fields);
  const body = request.body === undefined ? undefined : handIn(request.body, fields);
  const sent = headers(request.headers);
  const answer = response && { body: handIn(response.body, fields), headers: headers(response.headers) };
  return (clean) => {
    const cleaned = (all: readonly (readonly [string, number])[]): Record<string, string> =>
      Object.fromEntries(all.map(([name, index]) => [name, clean(index)]));
    return {
      ...exchange,
      request: { method: request.method, path: clean(path), headers: cleaned(sent), ...(body !== undefined && { body: clean(body) }) },
      ...(response && answer && { response: { status: response.status, headers: cleaned(answer.headers), body: clean(answer.body) } }),
    };
  };
}
