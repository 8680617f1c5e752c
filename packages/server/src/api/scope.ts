import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { Access } from "../access/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { ConnectParts } from "../connect/index.ts";
import type { CredentialBook } from "../credentials/index.ts";
import type { Database, Db } from "../db/index.ts";
import type { GroupCommit, Refusal, TraceParts } from "../ingress/index.ts";
import type { Threat } from "../insight/index.ts";
import type { DeadLetterKey, MailboxKey } from "../mailbox/index.ts";
import type { Measures } from "../measures/index.ts";
import type { ProxyParts } from "../proxy/index.ts";
import type { ReferenceWriter } from "../references/index.ts";
import type { Traffic } from "../traffic/index.ts";
import type { Clock, Counters, Receipt } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { problem } from "./schemas.ts";

export interface ApiParts {
  readonly database: Database;
  readonly catalog: Catalog;
  /** How people connect accounts. */
  readonly connecting: ConnectParts;
  readonly credentials: Pick<CredentialBook, "health">;
  /** Opens what is kept sealed. */
  readonly cipher: Cipher;
  /** What providers are called with as a tenant. Without it there is no such route. */
  readonly proxy?: ProxyParts;
  /** By what messages are found. */
  readonly references: ReferenceWriter;
  /** Where the host application's events are committed. */
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly measures: Pick<Measures, "read" | "expose">;
  /** What is paused, and weights. */
  readonly traffic: Pick<Traffic, "sync">;
  /** Why nothing more may be taken in for a tenant now. */
  readonly refusal?: Refusal | undefined;
  /** For the traces of the host application's events. */
  readonly tracing: TraceParts;
  /** Told how each of them was taken in. */
  readonly onReceived?: ((receipt: Receipt) => void) | undefined;
  /** Who may in, and what is remembered of it. */
  readonly access: Access;
  /** Gives dead letters another chance; resolves with how many. */
  readonly replay: (db: Db, letters: readonly DeadLetterKey[]) => Promise<number>;
  /** What threatens this installation. */
  readonly threats: () => readonly Threat[];
  /** Called when syncs were made due. Default: they begin within a second. */
  readonly onSyncsDue?: () => void;
  /** Called with mailboxes that got messages. */
  readonly onCommitted: (mailboxes: readonly MailboxKey[]) => void;
  /** Called when messages were made ready. */
  readonly onReady: () => void;
}

/** Where routes are registered whose requests and answers have schemas. */
export type ApiScope = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

const problems = { description: "A problem document.", content: { "application/problem+json": { schema: problem } } };

/** The answers of a route: its own, and problems. */
export function answers<Answer extends z.ZodType>(
  answer: Answer,
  status: 200 | 201 | 202 = 200,
): { [key in typeof status]: Answer } & { "4xx": typeof problems; "5xx": typeof problems } {
  return { [status]: answer, "4xx": problems, "5xx": problems } as { [key in typeof status]: Answer } & {
    "4xx": typeof problems;
    "5xx": typeof problems;
  };
}

/** The header of requests that must not have their effect twice. */
export const idempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Draw one for each request and send it with every repeat: the first answer is given again, for a day."),
});
