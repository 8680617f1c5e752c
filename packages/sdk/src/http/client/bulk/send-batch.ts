import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { BulkKind, BulkOperation } from "../../../connector/bulk.ts";
import { safetyOfItem } from "../../../connector/bulk.ts";
import type { WriteSafety } from "../../../connector/types.ts";
import { isBelayError } from "../../../errors/belay-error.ts";
import type { BelayError } from "../../../errors/belay-error.ts";
import { httpError } from "../../errors.ts";
import { judgeResponse } from "../../judge-response.ts";
import type { ExchangeParts } from "../../record.ts";
import { outcomeIsKnown } from "../../retry.ts";
import { call } from "../call.ts";
import type { Answered } from "../call.ts";
import { decodeRecord } from "../decode-record.ts";
import type { ResourceAccess } from "../resource-access.ts";
import { BatchOperation } from "./batch-operation.ts";
import type { Member } from "./batch-operation.ts";
import { placeAt, toItem } from "./bulk-body.ts";
import type { SendBatch, Waiting } from "./collector.ts";
import { answerOf, readOutcomes } from "./read-outcomes.ts";
import type { ItemAnswer } from "./read-outcomes.ts";

export interface BatchTarget {
  readonly access: ResourceAccess;
  readonly kind: BulkKind;
  readonly many: BulkOperation;
  readonly path: string;
}

/** A call is nobody's own: what is current when it happens to be sent must not be kept by it. */
const outsideOperations = AsyncLocalStorage.snapshot();

/** Answers by which a provider refuses a call for what is in it. Nothing of it has been done. */
const refusals: readonly unknown[] = [400, 404, 409, 413, 422];

/**
 * Sends collected writes by one call, and tells each of them its own outcome.
 *
 * ```
 *  asked: may all still write? ──no──▶ made anew without those that may not
 *      │ yes
 *      ▼
 *     sent ──refused as a whole──▶ halved, until the bad one is alone
 *      ├──── answered ──▶ each item: its record, its refusal, or unknown where nothing is said of it
 *      └──── no answer ──▶ unknown for all; each is resolved by its own safety
 * ```
 */
export function sendBatch(target: BatchTarget): SendBatch {
  return (batch) => outsideOperations(() => sendAll(target, batch)).catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
}

async function sendAll(target: BatchTarget, batch: readonly Waiting[]): Promise<void> {
  const { access, many, kind, path } = target;
  const label = `${access.label}.${kind}Many`;
  let writes = inTime(access, label, batch);
  while (writes.length > 0) {
    const sent = new SentCall(target, writes);
    try {
      const answered = await call(access, {
        label,
        declared: many,
        method: many.method ?? "POST",
        path,
        value: sent.body,
        operation: sent.operation,
        write: { key: randomUUID(), safety: safetyOfCall(many) },
      });
      await sent.tell(label, answered);
      return;
    } catch (error) {
      if (sent.operation.lost.size > 0) {
        writes = sent.withoutLost();
      } else if (writes.length > 1 && isBelayError(error) && refusals.includes(error.details["status"])) {
        const middle = Math.ceil(writes.length / 2);
        await sendAll(target, writes.slice(0, middle));
        await sendAll(target, writes.slice(middle));
        return;
      } else {
        for (const { reject } of writes) reject(error);
        return;
      }
    }
  }
}

/** A write whose step has no time left is not sent any more. */
function inTime(access: ResourceAccess, label: string, batch: readonly Waiting[]): readonly Waiting[] {
  const now = access.clock.now();
  return batch.filter(({ item, gone, reject }) => {
    const isLate = (item.step?.context.deadlineAt ?? Number.POSITIVE_INFINITY) <= now;
    if (isLate) reject(httpError("HTTP_DEADLINE_EXCEEDED", `${label}: the time was up before the call was made.`));
    return !isLate && !gone;
  });
}

/** Within one call its items do not change: where each may be sent twice, the call may. */
function safetyOfCall({ safety }: BulkOperation): WriteSafety {
  return safety.kind === "readBack" ? safety : { kind: "natural" };
}

/** One call with what it carries. */
class SentCall {
  readonly body: unknown;
  readonly operation: BatchOperation;
  readonly #target: BatchTarget;
  readonly #writes: readonly Waiting[];
  readonly #items: readonly object[];
  readonly #members: readonly Member[];
  #answer: { readonly body: unknown; readonly items: readonly ItemAnswer[] } | undefined;

  constructor(target: BatchTarget, writes: readonly Waiting[]) {
    const { access, many, kind } = target;
    this.#target = target;
    this.#writes = writes;
    this.#items = writes.map(({ item }, index) => toItem(access.resource, many, kind, item, String(index)));
    this.body = placeAt(many.items, this.#items);
    this.#members = writes.map(({ item }, index) => ({ step: item.step, parts: () => this.#partsOf(index) }));
    this.operation = new BatchOperation(this.#members, whenAllAreGone(writes));
  }

  /** The writes that may still be sent; the others are told why not. */
  withoutLost(): readonly Waiting[] {
    return this.#writes.filter((waiting, index) => {
      const member = this.#members[index];
      const error = member && this.operation.lost.get(member);
      if (error !== undefined) waiting.reject(error);
      return error === undefined && !waiting.gone;
    });
  }

  async tell(label: string, answered: Answered): Promise<void> {
    const { many } = this.#target;
    const contents = this.#writes.map(({ item }) => item);
    const items = readOutcomes(many, answered.body, contents) ?? contents.map(() => undefined);
    this.#answer = { body: answered.body, items };
    await Promise.all(
      this.#writes.map(async (waiting, index) => {
        try {
          waiting.resolve(await this.#recordOf(label, answered, items[index]));
        } catch (error) {
          waiting.reject(error);
        }
      }),
    );
  }

  async #recordOf(label: string, answered: Answered, answer: ItemAnswer): Promise<unknown> {
    const { access, kind } = this.#target;
    if (answer === undefined) throw unknown(label, "the provider's answer does not mention it");
    if (answer.kind === "refused") throw this.#refusal(label, answer);
    if (kind === "update" && access.resource.update?.returns === "nothing") return undefined;
    return decodeRecord(access.resource, label, { ...answered, body: answer.record });
  }

  #refusal(label: string, { status, entry }: Extract<ItemAnswer, { kind: "refused" }>): BelayError {
    const { access, many } = this.#target;
    const request = { label: `${label}, one of ${this.#writes.length}`, absentOn404: false };
    const response = { status, headers: {}, body: JSON.stringify(entry) };
    const error = judgeResponse(request, response, access.errors, access.clock.now());
    if (error === undefined) return unknown(label, `the provider's answer gives it the status ${status}`);
    return outcomeIsKnown(safetyOfItem(many.safety).kind, error) ? error : unknown(label, `the provider answered ${status} for it`, error);
  }

  #partsOf(index: number): ExchangeParts {
    const { many } = this.#target;
    const answer = this.#answer;
    return {
      request: JSON.stringify(placeAt(many.items, [this.#items[index]])),
      ...(answer && { response: JSON.stringify(answerOf(many, answer.body, answer.items[index])) }),
    };
  }
}

function unknown(label: string, why: string, cause?: unknown): BelayError {
  const text = `${label}: it is unknown whether one of the writes took effect: ${why}.`;
  return httpError("HTTP_OUTCOME_UNKNOWN", text, cause === undefined ? {} : { cause });
}

/** Nobody is left who waits for the call. */
function whenAllAreGone(writes: readonly Waiting[]): AbortSignal {
  const controller = new AbortController();
  let left = writes.length;
  for (const waiting of writes) {
    waiting.onGone = () => {
      left -= 1;
      if (left === 0) controller.abort(waiting.item.step?.context.signal.reason);
    };
  }
  return controller.signal;
}
