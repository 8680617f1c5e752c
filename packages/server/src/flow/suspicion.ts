import type { Message } from "../mailbox/index.ts";

/** How long a flow that ended a thread runs alone for that tenant. Each further conviction begins it anew. */
const probationMs = 600_000;
/** More accused at once would mean that everything hangs; then being alone helps nobody. */
const mostAccused = 10_000;

/** What a message may do: run with others, run alone because it was there when a thread ended, or run alone because its flow did it before. */
export type Standing =
  | { readonly kind: "free" }
  /** `rank`: of those accused of the same, the one that began last is the likeliest, because it need not have come further than its beginning. */
  | { readonly kind: "accused"; readonly rank: number }
  | { readonly kind: "convicted" };

interface Accusation {
  readonly rank: number;
  /** The end of one thread. */
  readonly incident: object;
}

/**
 * Which messages must run alone. All that ran in a thread when it ended are *accused*; the one that ends a thread while it is alone is *convicted*, and with it
 * its flow for that tenant: otherwise every further bad message would take the innocent down with it once. Then the others that were accused of the same go free.
 */
export class Suspicion {
  readonly #accused = new Map<string, Accusation>();
  readonly #probation = new Map<string, number>();
  #rank = 0;

  of(message: Message, nowMs: number): Standing {
    const until = this.#probation.get(flowOf(message));
    if (until !== undefined && until > nowMs) return { kind: "convicted" };
    if (until !== undefined) this.#probation.delete(flowOf(message));
    const accusation = this.#accused.get(idOf(message));
    return accusation === undefined ? { kind: "free" } : { kind: "accused", rank: accusation.rank };
  }

  /** Call it in the order in which the messages began. */
  accuse(message: Message, incident: object): void {
    if (this.#accused.size < mostAccused) this.#accused.set(idOf(message), { rank: (this.#rank += 1), incident });
  }

  /** @returns whether its flow runs alone only from now on. */
  convict(message: Message, nowMs: number): boolean {
    const isNew = this.of(message, nowMs).kind !== "convicted";
    this.#probation.set(flowOf(message), nowMs + probationMs);
    const incident = this.#accused.get(idOf(message))?.incident;
    // The cause is found. Should there have been a second one, it ends another thread, and is found as this one was.
    for (const [id, accusation] of this.#accused) if (accusation.incident === incident) this.#accused.delete(id);
    return isNew;
  }

  acquit(message: Message): void {
    this.#accused.delete(idOf(message));
  }
}

function idOf({ tenant, id }: Message): string {
  return `${tenant}\n${id}`;
}

function flowOf({ tenant, flow }: Message): string {
  return `${tenant}\n${flow}`;
}
