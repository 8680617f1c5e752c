import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { readKeyExpiry } from "../ingress/index.ts";
import { type MessageFacts, readMessage } from "../mailbox/index.ts";
import { type Explanation, explainFailure } from "./explain-failure.ts";
import { type Chapter, tellStory } from "./tell-story.ts";

export interface Story extends MessageFacts {
  readonly story: readonly Chapter[];
  /** Of the last failure, or of what its mailbox is paused for. */
  readonly explanation: Explanation | null;
}

/** The whole story of one message, as far as the database knows it. @returns `undefined` when there is no message of this id, or no longer. */
export async function readStory(db: Db, catalog: Catalog, id: number, tenant?: string): Promise<Story | undefined> {
  const facts = await readMessage(db, id, tenant);
  if (facts === undefined) return undefined;
  const { message } = facts;
  const knownUntil = await readKeyExpiry(db, { tenant: message.tenant, connection: message.connection, key: message.eventKey });
  const code = message.code ?? (waits(message.state) && facts.mailbox?.pausedUntil ? facts.mailbox.why : null);
  const explanation = code === null ? undefined : explainFailure(catalog, code, message);
  return { ...facts, explanation: explanation ?? null, story: tellStory({ facts, knownUntil, explanation }) };
}

function waits(state: MessageFacts["message"]["state"]): boolean {
  return state === "waiting" || state === "parked";
}
