import { createHash } from "node:crypto";
import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import { giveKeyBack, keepAnswer, readKey, takeKey } from "./store.ts";

/** How long an answer is kept for those who ask again. */
const keepMs = 86_400_000;
/** After so long a request without an answer counts as lost with its process. */
const lockMs = 60_000;

export interface OnceParts {
  readonly db: Db;
  /** Answers are kept sealed: one may hold what is shown once only, such as a link by which somebody connects. */
  readonly cipher: Cipher;
}

export interface KeyedRequest {
  /** Of the header Idempotency-Key; without one the work is simply done. */
  readonly key: string | undefined;
  /** Whose key it is; empty where the request is of no one tenant. */
  readonly tenant: string;
  /** Method and URL: the same key must mean the same request. */
  readonly request: string;
}

/**
 * Does the work once per key: whoever asks again within a day gets the first answer. A process that dies in between leaves no answer; then the work is done again
 * after a minute, so it has to be safe to repeat by itself, or to look first: it is told that it is suspect. What was done, and whose answer could not be kept, is as if the process had died.
 *
 * @throws `API_KEY_REUSED` when the key stands for another request, `API_KEY_IN_USE` while the first is being worked on.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export async function once<Answer>(
  { db, cipher }: OnceParts,
  { key, tenant, request }: KeyedRequest,
  work: (how: { readonly suspect: boolean }) => Promise<Answer>,
): Promise<Answer> {
  if (key === undefined) return await work({ suspect: false });
  const own = { tenant, key };
  const digest = createHash("sha256").update(request).digest();
  const { isTaken, wasSilent } = await takeKey(db, own, digest, { lockMs, keepMs });
  if (!isTaken) {
    const kept = await readKey(db, own);
    if (kept !== undefined && !digest.equals(kept.request))
      throw new BelayError("API_KEY_REUSED", "This Idempotency-Key was used for another request; draw a new one for each.");
    if (kept?.answer === undefined || kept.answer === null)
      throw new BelayError("API_KEY_IN_USE", "The first request with this Idempotency-Key is being worked on; ask again in a second.", {
        retry: "backoff",
      });
    const [opened] = await cipher.open([{ ...sealedFor(own), value: Buffer.from(kept.answer, "base64") }]);
    // The tenant's keys were destroyed since.
    if (opened === undefined)
      throw new BelayError("API_KEY_REUSED", "The answer to this Idempotency-Key can be read no more; draw a new one.");
    return JSON.parse(Buffer.from(opened).toString()) as Answer;
  }
  const answer = await work({ suspect: wasSilent }).catch(async (error: unknown) => {
    // What failed may be tried again at once. If the database is away, the lock runs out by itself.
    await giveKeyBack(db, own).catch(() => {});
    throw error;
  });
  const [sealed] = await cipher.seal([{ ...sealedFor(own), value: Buffer.from(JSON.stringify(answer)) }]);
  await keepAnswer(db, own, Buffer.from(sealed ?? []).toString("base64"));
  return answer;
}

/** Bound to its key: what was sealed for one opens for no other. */
function sealedFor({ tenant, key }: { readonly tenant: string; readonly key: string }): {
  readonly tenant: string;
  readonly purpose: string;
} {
  return { tenant, purpose: `idempotency.answer ${key}` };
}
