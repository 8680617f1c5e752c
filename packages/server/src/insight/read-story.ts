import { type Catalog, redactSecretsOf } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { readAttempts } from "../exchanges/index.ts";
import { readKeyExpiry } from "../ingress/index.ts";
import { type MessageFacts, readMessage } from "../mailbox/index.ts";
import type { Cipher } from "../vault/index.ts";
import { type Explanation, explainFailure } from "./explain-failure.ts";
import { type ShownAttempt, showAttempts } from "./show-attempts.ts";
import { type Chapter, tellStory } from "./tell-story.ts";

export interface Story extends MessageFacts {
  /** Those that are kept: that failed, had trouble or were sampled. Oldest first, the newest 50. */
  readonly attempts: readonly ShownAttempt[];
  readonly story: readonly Chapter[];
  /** Of the last failure, or of what its mailbox is paused for. */
  readonly explanation: Explanation | null;
}

export interface StorySources {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Catalog;
}

export interface StoryOptions {
  readonly tenant?: string | undefined;
  /** With headers and bodies of exchanges. */
  readonly withBodies?: boolean;
}

/** The whole story of one message, as far as the database knows it. @returns `undefined` when there is no message of this id, or no longer. */
export async function readStory({ db, cipher, catalog }: StorySources, id: number, options: StoryOptions = {}): Promise<Story | undefined> {
  const found = await readMessage(db, cipher, id, options.tenant);
  if (found === undefined) return undefined;
  const facts = withoutSecrets(catalog, found);
  const { message } = facts;
  const knownUntil = await readKeyExpiry(db, { tenant: message.tenant, connection: message.connection, key: message.eventKey });
  const attempts = showAttempts(await readAttempts(db, cipher, message.tenant, id), options.withBodies === true);
  const code = message.code ?? (waits(message.state) && facts.mailbox?.pausedUntil ? facts.mailbox.why : null);
  const explanation = code === null ? undefined : explainFailure(catalog, code, message);
  return { ...facts, attempts, explanation: explanation ?? null, story: tellStory({ facts, attempts, knownUntil, explanation }) };
}

/** What was stored is shown to people, who need none of the secrets that may be in it. */
function withoutSecrets(catalog: Catalog, facts: MessageFacts): MessageFacts {
  const redact = redactSecretsOf(catalog.ofTenant(facts.message.tenant));
  const shown = ({ text, bytes }: MessageFacts["payload"]): MessageFacts["payload"] => ({ text: redact(text), bytes });
  return { ...facts, payload: shown(facts.payload), steps: facts.steps.map((step) => ({ ...step, result: shown(step.result) })) };
}

function waits(state: MessageFacts["message"]["state"]): boolean {
  return state === "waiting" || state === "parked";
}
