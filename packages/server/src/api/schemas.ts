import { type FailureClass, failureClasses, registers, type SafeAction, safeActions } from "@belay/sdk";
import { z } from "zod";
import { messageStates } from "../mailbox/index.ts";

/** What the API takes and answers. An id under `meta` names the schema in the OpenAPI document. */

/** Postgres stores neither NUL nor half a character, and refuses to look for them. */
export const storable = z
  .string()
  .min(1)
  .refine((value) => !value.includes("\0"), "must not contain NUL")
  .refine((value) => value.isWellFormed(), "must not contain half a character (a lone surrogate)");

export const idParameter = z.object({ id: z.coerce.number().int().positive() });
export const tenantQuery = z.object({ tenant: storable.describe("Whose it is.") });
export const maybeTenantQuery = z.object({
  tenant: storable.optional().describe("Whose it is. Default: looks among those of all tenants."),
});
/** Three names of at most 512 characters, each of which takes up to six in JSON, and a third more as it is written here. */
const longestCursor = 12_500;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe("Most items of a page."),
  cursor: z.string().min(1).max(longestCursor).optional().describe("The `next` of the page before. Opaque."),
});

export const failureClass = z
  .enum(Object.keys(failureClasses) as [FailureClass, ...FailureClass[]])
  .describe("All are listed in docs/failures.md.");
export const owner = z.enum(["tenant", "support", "engineer", "provider", "operator"]).describe("Who has to act.");
export const recovery = z.enum(["by-itself", "after-mending", "after-looking"]).describe("How work goes on.");

export const problem = z
  .object({
    type: z.string().describe("`urn:belay:error:` and the code."),
    title: z.string().describe("What the code means."),
    status: z.number().int(),
    detail: z.string().describe("What happened in this case, and what to do."),
    code: z.string().describe("Stable; all are listed in docs/errors.md."),
    class: failureClass,
    owner,
  })
  .meta({ id: "Problem", description: "Every refusal is a problem document." });

/** Postgres counts no year 0. */
export const time = z.iso
  .datetime()
  .refine((value) => !value.startsWith("0000"), "begins with the year 0001 at the earliest")
  .describe("ISO 8601, UTC.");
export const next = z
  .string()
  .nullable()
  .describe("The cursor of the next page; null at the end. A page may be short, or empty, and not be the last.");

const message = z
  .object({
    tenant: z.string(),
    id: z.number().int().describe("Unique among all tenants; rises with time."),
    mailbox: z.string().describe("`<connection>/<lane>` of the target."),
    flow: z.string(),
    connection: z.string().describe('Where the event came from; "app" is the host application.'),
    eventType: z.string(),
    eventKey: z.string().describe("What the sender calls the event."),
    orderKey: z.string(),
    state: z
      .enum(messageStates)
      .describe(
        "waiting: for its turn. parked: behind a failure of its order key, its own or an earlier one. The others are how it ended.",
      ),
    attempts: z.number().int(),
    receivedAt: time,
    endedAt: time.nullable(),
    code: z.string().nullable().describe("Of the last failure."),
    error: z.string().nullable(),
  })
  .meta({ id: "Message" });
export const messagePage = z.object({ items: z.array(message), next }).meta({ id: "MessagePage" });

const shownText = z
  .object({ text: z.string().describe("At most the first 64 KiB."), bytes: z.number().int().describe("Length of the whole.") })
  .meta({ id: "ShownText" });
const registerText = z.object({ happened: z.string(), remedy: z.string() }).meta({ id: "RegisterText" });
const actions = z
  .array(
    z
      .object({
        action: z.enum(Object.keys(safeActions) as [SafeAction, ...SafeAction[]]),
        text: z.string(),
        who: owner.describe("Who can do it."),
        command: z.string().nullable(),
      })
      .meta({ id: "SafeAction" }),
  )
  .describe("What may be done, the most useful first. Each is safe to do twice.");
export const explanation = z
  .object({
    code: z.string(),
    class: failureClass,
    title: z.string(),
    owner,
    recovery,
    retryable: z.boolean().describe("Belay itself tries this failure again, as long as the message is no dead letter."),
    meaning: z.string().describe("What the code stands for."),
    texts: z.object({ tenant: registerText, support: registerText, engineer: registerText }),
    actions,
  })
  .meta({ id: "Explanation", description: "A failure in words, for three readers." });

export const explanationQuery = maybeTenantQuery.extend({ for: z.enum(registers).default("engineer").describe("Who reads it.") });
export const toldFailure = z
  .object({
    id: z.number().int(),
    tenant: z.string(),
    state: z.enum(messageStates),
    register: z.enum(registers),
    happened: z.string(),
    remedy: z.string().nullable().describe("null where nothing is to be done."),
    class: failureClass.nullable(),
    title: z.string().nullable(),
    owner: owner.nullable(),
    recovery: recovery.nullable(),
    actions,
    code: z.string().nullable().describe("This and the next two are for support and engineers only."),
    meaning: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "ToldFailure", description: "How a message stands, in the words of one reader." });

const headers = z.record(z.string(), z.string());
const exchange = z
  .object({
    step: z.string().describe("Empty for a call outside any step."),
    label: z.string().describe("Connector, resource and operation."),
    method: z.string(),
    path: z.string().describe("Tokens such as `[email:3f9a1c0b2d4e]` stand for personal values, the same for the same value of a tenant."),
    status: z.number().int().nullable(),
    error: z.string().nullable().describe("The code of the error, where no answer came."),
    ok: z.boolean(),
    startedAt: time,
    durationMs: z.number(),
    requestId: z.string().nullable().describe("What the provider calls the request: its support asks for it."),
    request: z.object({ headers, body: z.string().nullable() }).optional(),
    response: z.object({ headers, body: z.string() }).optional(),
  })
  .meta({ id: "Exchange", description: "One request to a provider and its answer, without secrets and personal values." });
export const proxiedCallPage = z
  .object({
    items: z.array(
      z.object({
        id: z.number().int(),
        tenant: z.string(),
        connection: z.string(),
        actor: z.string().describe("On whose behalf it was made."),
        endedAt: time,
        status: z.number().int().nullable().describe("Of the provider's last answer."),
        code: z.string().nullable().describe("Of Belay's refusal."),
        exchanges: z.array(exchange).describe("One for each time that it was sent."),
        sealed: z.boolean().describe("Its contents cannot be read any more: the tenant's key has been destroyed."),
      }),
    ),
    next,
  })
  .meta({ id: "ProxiedCallPage" });
const attempt = z
  .object({
    attempt: z.number().int().describe("Counted from 1; after a replay from 1 again."),
    startedAt: time,
    endedAt: time,
    durationMs: z.number(),
    verdict: z.enum(["delivered", "retry", "dead", "wait", "suspended"]),
    code: z.string().nullable(),
    error: z.string().nullable(),
    nextAt: time.nullable().describe("When it was to be tried again."),
    sealed: z.boolean().describe("Its contents cannot be read any more: the tenant's key has been destroyed."),
    steps: z.array(z.object({ name: z.string(), startedAt: time, durationMs: z.number(), code: z.string().nullable() })),
    exchanges: z.array(exchange),
    omitted: z
      .object({ after: z.number().int(), count: z.number().int() })
      .nullable()
      .describe("Exchanges that were left out because there were too many: so many, after so many of those above."),
  })
  .meta({ id: "Attempt", description: "One run of a message." });

export const story = z
  .object({
    message,
    version: z.number().int().nullable(),
    trace: z.string().nullable().describe("W3C traceparent."),
    firstAttemptAt: time.nullable().describe("Not kept of messages that ended well."),
    suspect: z.boolean().describe("An attempt was begun of which nobody knows how it ended."),
    payload: shownText,
    steps: z
      .array(z.object({ name: z.string(), finishedAt: time, result: shownText }))
      .describe("Finished steps; kept until the message ends well or is discarded."),
    nextAttemptAt: time.nullable(),
    mailbox: z
      .object({
        ahead: z.number().int().describe("Messages before it; at most 1,000 are counted."),
        leased: z.boolean().describe("A worker has it now."),
        pausedUntil: time.nullable(),
        why: z.string().nullable().describe("Why it was paused last."),
      })
      .nullable(),
    attempts: z.array(attempt).describe("Those that are kept: that failed, had trouble or were sampled. Oldest first, the newest 50."),
    explanation: explanation.nullable().describe("Of the last failure, or of what its mailbox is paused for."),
    story: z.array(z.object({ what: z.string(), at: time.nullable(), text: z.string() })).describe("What happened, in order, in words."),
  })
  .meta({ id: "Story", description: "Everything that is known of one message." });

export const storyPage = z
  .object({
    items: z.array(
      z.object({
        message,
        foundBy: z
          .array(z.string())
          .describe("What the ref is of this message: message, trace, event, order, tenant, or the kind of a reference, such as email."),
      }),
    ),
    story: story.nullable().describe("The whole story, where exactly one message was found."),
    next,
  })
  .meta({ id: "StoryPage" });

const texts = z.record(z.string(), z.string());
export const reproduction = z
  .object({
    format: z.number().int().describe("1."),
    madeBy: z.string(),
    at: time.describe("When the attempt began: the flow's clock stands there."),
    tenant: z.string(),
    message: z.number().int(),
    flow: z.string(),
    target: z.string(),
    connection: z.string(),
    eventType: z.string(),
    eventKey: z.string(),
    attempt: z.number().int().describe("0: it was set aside before any attempt."),
    suspect: z.boolean(),
    firstAttemptAt: time.nullable(),
    payload: z.string().describe("JSON text; personal values are made-up ones of the same shape."),
    steps: texts.describe("Results of steps that earlier attempts had finished, as JSON texts."),
    connections: z.array(
      z.object({ name: z.string(), id: z.string(), connector: z.string(), basePath: z.string(), credential: z.array(z.string()) }),
    ),
    exchanges: z.array(
      z.object({
        connection: z.string(),
        method: z.string(),
        path: z.string(),
        response: z.object({ status: z.number().int(), headers: texts, body: z.string() }).optional(),
        error: z.string().optional(),
        durationMs: z.number(),
      }),
    ),
    failed: z.object({ code: z.string(), error: z.string(), step: z.string() }),
    incomplete: z.array(z.string()).describe("What could not be kept: then it may fail otherwise."),
  })
  .meta({ id: "Reproduction", description: "A failed attempt without secrets and personal values, to be run again offline." });

const deadLetter = z
  .object({
    tenant: z.string(),
    id: z.number().int(),
    mailbox: z.string(),
    flow: z.string(),
    connection: z.string(),
    eventType: z.string(),
    eventKey: z.string(),
    orderKey: z.string(),
    attempts: z.number().int(),
    code: z.string(),
    error: z.string(),
    diedAt: time,
  })
  .meta({ id: "DeadLetter" });
export const deadLetterPage = z.object({ items: z.array(deadLetter), next }).meta({ id: "DeadLetterPage" });
export const count = z.object({ count: z.number().int().describe("How many were acted on.") }).meta({ id: "Count" });

export const hostEvent = z
  .object({
    tenant: storable.describe("For whom it happened."),
    type: z.string().min(1).max(512).describe("As declared by defineEvents."),
    id: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe("Your own id of the event: repeated, it causes nothing. Default: the Idempotency-Key."),
    data: z.unknown().describe("Must fit the type's schema, or it is set aside as a dead letter."),
  })
  .meta({ id: "HostEvent" });
export const emission = z
  .object({
    outcome: z.enum(["accepted", "duplicate", "quarantined", "ignored"]),
    reason: z.string().optional().describe("Why it was ignored."),
  })
  .meta({ id: "Emission" });

export const health = z
  .object({
    ok: z.boolean(),
    threats: z.array(z.object({ code: z.string(), class: failureClass, owner, what: z.string(), remedy: z.string() })),
  })
  .meta({ id: "Health", description: "What threatens the installation, as of the last look, at most 15 s ago." });

const figure = z.number().int();
export const figures = z
  .object({
    received: figure,
    accepted: figure,
    duplicate: figure,
    ignored: figure,
    quarantined: figure,
    rejected: z.record(z.string(), figure).describe("By reason."),
    waiting: figure.describe("Messages that wait now, of all processes."),
    delivered: figure,
    superseded: figure,
    retried: figure,
    waited: figure,
    deadLettered: figure,
    takenOver: figure,
    leasesLost: figure,
    threadsEnded: figure,
    unified: z
      .object({ fresh: figure, stale: figure, live: figure, hitRate: z.number().min(0).max(1).nullable() })
      .describe(
        "Records given out by the unified API: kept ones within the caller's bound and past it, and those read from providers. `hitRate`: of the kept ones, how many were fresh; null: none was given out.",
      ),
  })
  .meta({ id: "Figures", description: "Counts of the process that answers, since it started." });

export const installation = z
  .object({
    node: z.string(),
    startedAt: time,
    now: time.describe("The server's clock."),
    database: z.object({
      kind: z.enum(["pglite", "postgres"]),
      version: z.string(),
      migrations: z.object({ applied: z.array(z.string()), pending: z.array(z.string()) }),
      settings: z.record(z.string(), z.string()),
      clockAheadMs: z.number().describe("How far the database's clock is ahead of the server's."),
      bytes: z.number(),
    }),
    tenants: figure,
    connections: figure,
    flows: figure,
  })
  .meta({ id: "Installation" });
