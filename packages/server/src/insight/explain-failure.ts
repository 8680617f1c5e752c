import {
  definitionErrors,
  type ErrorTable,
  type FailureClass,
  failureClasses,
  type FailureOwner,
  failureTexts,
  type Recovery,
  type Register,
  registers,
  type RegisterText,
  type Retry,
  type SafeAction,
  safeActions,
} from "@belay/sdk";
import { formatErrors } from "@belay/sdk/formats";
import { httpErrors } from "@belay/sdk/http";
import { modelErrors } from "@belay/sdk/models";
import { syncRecordErrors } from "@belay/sdk/sync";
import { type Catalog, catalogErrors } from "../catalog/index.ts";
import { credentialErrors } from "../credentials/index.ts";
import { oauthErrors } from "../oauth/index.ts";
import { databaseErrors } from "../db/index.ts";
import { flowErrors } from "../flow/index.ts";
import { ingressErrors, quarantineErrors } from "../ingress/index.ts";
import { mailboxErrors, type MessageSummary } from "../mailbox/index.ts";
import { syncErrors, syncRequestErrors } from "../syncs/index.ts";
import { twoWayErrors } from "../two-way/index.ts";
import { vaultErrors } from "../vault/index.ts";
import { type CodeWords, codeWords } from "./code-words.ts";
import { healthErrors } from "./errors.ts";

/** A failure in words. */
export interface Explanation {
  readonly code: string;
  readonly class: FailureClass;
  readonly title: string;
  /** Who has to act. */
  readonly owner: FailureOwner;
  readonly recovery: Recovery;
  /** Belay itself tries this failure again, as long as the message is no dead letter. */
  readonly retryable: boolean;
  /** What the code stands for, in the words of Belay or of the connector. */
  readonly meaning: string;
  readonly texts: Readonly<Record<Register, RegisterText>>;
  /** What may be done, the most useful first; only what makes sense for the message as it is now. */
  readonly actions: readonly ExplainedAction[];
}

export interface ExplainedAction {
  readonly action: SafeAction;
  readonly text: string;
  readonly who: FailureOwner;
  readonly command: string | null;
}

interface Row {
  readonly class: FailureClass;
  readonly retry: Retry;
  readonly meaning: string;
}

/** What a message can fail with, or wait for. */
const known: Readonly<Record<string, Row>> = {
  ...httpErrors,
  ...modelErrors,
  ...mailboxErrors,
  ...flowErrors,
  ...quarantineErrors,
  ...vaultErrors,
  ...credentialErrors,
  ...oauthErrors,
  ...syncErrors,
  ...syncRequestErrors,
  ...twoWayErrors,
};

/** What else can go wrong: at the door, at the start, with the installation. */
const everywhere: ErrorTable = {
  ...known,
  ...definitionErrors,
  ...formatErrors,
  ...syncRecordErrors,
  ...ingressErrors,
  ...catalogErrors,
  ...databaseErrors,
  ...healthErrors,
};

/** A code that is in no table is one that the flow's own code made up. */
const madeUp: Row = { class: "flow-mistake", retry: "backoff", meaning: "The flow's own code gave this error; its text says more." };

/** The message that failed, or waits because of what would fail. */
export type Failed = Pick<MessageSummary, "id" | "tenant" | "flow" | "mailbox" | "connection" | "state" | "error">;

/**
 * Explains why a message failed, or waits: by the error rows of the connectors that its flow speaks to, the target's first, then by Belay's own table. It is never unknown: a code
 * that none of them has is the flow's own.
 */
export function explainFailure(catalog: Catalog, code: string, failed: Failed): Explanation {
  const names = nameParties(catalog, code, failed);
  const row = findRow(names, code);
  return explainRow(row, { ...names, id: String(failed.id), tenant: failed.tenant, code }, failed.state === "dead" ? "dead" : "alive");
}

/** Explains a code that no message has: of a refusal, of a start that failed. @returns `undefined` where nothing has this code. */
export function explainCode({ connectors }: Catalog, further: ErrorTable, code: string): Explanation | undefined {
  const owner = [...connectors.values()].find(({ errors }) => errors?.some((row) => row.code === code));
  const tables: ErrorTable = { ...everywhere, ...further };
  const row = owner?.errors?.find((each) => each.code === code) ?? (Object.hasOwn(tables, code) ? tables[code] : undefined);
  const names = { provider: owner?.title ?? "the provider", connection: "the connection", id: "<id>", tenant: "<tenant>", code };
  return row && explainRow(row, names, undefined);
}

interface Names {
  readonly provider: string;
  readonly connection: string;
  readonly id: string;
  readonly tenant: string;
  readonly code: string;
}

/** `life`: whether Belay still tries, of a message. */
function explainRow(row: Row, names: Names, life: "dead" | "alive" | undefined): Explanation {
  const { owner, recovery } = failureClasses[row.class];
  const { title, texts, actions } = wordsOf(names.code, row.class);
  const fill = (text: string): string => fillNames(text, { ...names });
  return {
    code: names.code,
    class: row.class,
    title,
    owner,
    recovery,
    retryable: row.retry !== "never",
    meaning: row.meaning,
    texts: Object.fromEntries(
      registers.map((register) => {
        const { happened, remedy } = texts[register];
        const whole = register === "tenant" && life !== undefined ? remedyOf(life, remedy, row.class) : remedy;
        return [register, { happened: fill(happened), remedy: fill(whole) }];
      }),
    ) as Record<Register, RegisterText>,
    actions: actions
      .map((action) => ({ action, declared: safeActions[action] }))
      .filter(({ declared }) => life === undefined || !("when" in declared) || declared.when === life)
      .map(({ action, declared }) => ({
        action,
        text: fill(declared.text),
        who: declared.who,
        command: "command" in declared ? fill(declared.command) : null,
      })),
  };
}

/** In its class's words, where the code has none of its own. */
function wordsOf(code: string, name: FailureClass): CodeWords {
  const { title, actions } = failureClasses[name];
  return (Object.hasOwn(codeWords, code) ? codeWords[code] : undefined) ?? { title, texts: failureTexts[name], actions };
}

/** Of which class a failure is: the same as in its explanation, without the words. Quick. */
export function classifyFailure(catalog: Catalog, code: string, failed: Omit<Failed, "id" | "state">): FailureClass {
  return findRow(nameParties(catalog, code, failed), code).class;
}

function findRow({ row }: Parties, code: string): Row {
  return row ?? (Object.hasOwn(known, code) ? known[code] : undefined) ?? madeUp;
}

/** Whether it goes on by itself once the tenant has acted, or somebody else has to act after that: nobody must wait in vain, nor ask in vain. */
function remedyOf(life: "dead" | "alive", remedy: string, name: FailureClass): string {
  const { owner, recovery } = failureClasses[name];
  if (life === "alive")
    return owner === "tenant" && recovery === "after-mending" ? `${remedy} What waits for it then goes on by itself.` : remedy;
  if (recovery === "by-itself") return "We have stopped trying for now. Our support runs it again when the cause is gone.";
  return owner === "tenant" ? `${remedy} Then our support runs it again.` : remedy;
}

interface Parties {
  readonly provider: string;
  readonly connection: string;
  /** Of the connector that knows the code. */
  readonly row?: Row;
}

/** Who failed: the target, or where the code or the error's label names it, another connector that the flow uses. What does not fit its schema came from the source. */
function nameParties(
  { connections, connectors, flows }: Catalog,
  code: string,
  { mailbox, connection, flow, error, tenant }: Omit<Failed, "id" | "state">,
): Parties {
  const targetId = mailbox.slice(0, mailbox.lastIndexOf("/"));
  const target = connections.get(targetId);
  const ids = [target?.connector, ...Object.values(flows.get(flow)?.connections ?? {}).map(({ id }) => id)];
  const spokenTo = ids.flatMap((id) => connectors.get(id ?? "") ?? []);
  const source = connectors.get(connections.get(connection)?.connector ?? "");
  if (code === "CONTRACT_PAYLOAD_INVALID" || code === "CONTRACT_KEY_INVALID")
    return { provider: source?.title ?? "your software", connection };
  const rowOf = (candidate: (typeof spokenTo)[number]): Row | undefined => candidate.errors?.find((each) => each.code === code);
  const failing =
    spokenTo.find((each) => rowOf(each) !== undefined) ?? spokenTo.find(({ id }) => error?.startsWith(`${id}.`)) ?? spokenTo[0];
  const row = failing && rowOf(failing);
  const own = failing === undefined || failing.id === target?.connector;
  const used = own ? targetId : [...connections.values()].find((each) => each.tenant === tenant && each.connector === failing.id)?.id;
  return { provider: failing?.title ?? "the provider", connection: used ?? targetId, ...(row && { row }) };
}

function fillNames(text: string, names: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = names[name];
    return typeof value === "string" ? value : whole;
  });
}
