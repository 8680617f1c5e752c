import { createHash } from "node:crypto";
import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { giveKeyBack, keepAnswer, readKey, takeKey } from "./store.ts";

/** How long an answer is kept for those who ask again. */
const keepMs = 86_400_000;
/** After so long a request without an answer counts as lost with its process. */
const lockMs = 60_000;

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
 * after a minute, so it has to be safe to repeat by itself.
 *
 * @throws `API_KEY_REUSED` when the key stands for another request, `API_KEY_IN_USE` while the first is being worked on.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export async function once<Answer>(db: Db, { key, tenant, request }: KeyedRequest, work: () => Promise<Answer>): Promise<Answer> {
  if (key === undefined) return await work();
  const own = { tenant, key };
  const digest = createHash("sha256").update(request).digest();
  if (!(await takeKey(db, own, digest, { lockMs, keepMs }))) {
    const kept = await readKey(db, own);
    if (kept !== undefined && !digest.equals(kept.request))
      throw new BelayError("API_KEY_REUSED", "This Idempotency-Key was used for another request; draw a new one for each.");
    if (kept?.answer === undefined || kept.answer === null)
      throw new BelayError("API_KEY_IN_USE", "The first request with this Idempotency-Key is being worked on; ask again in a second.", {
        retry: "backoff",
      });
    return JSON.parse(kept.answer) as Answer;
  }
  try {
    const answer = await work();
    await keepAnswer(db, own, JSON.stringify(answer));
    return answer;
  } catch (error) {
    // What failed may be tried again at once. If the database is away, the lock runs out by itself.
    await giveKeyBack(db, own).catch(() => {});
    throw error;
  }
}
