import type { Message } from "../mailbox/index.ts";

/** How long a flow that ended a thread runs alone for that tenant. Each further conviction begins it anew. */
const probationMs = 600_000;
/** More accused at once would mean that everything hangs; then being alone helps nobody. */
const mostAccused = 10_000;

/**
 * Which messages must run alone. All that ran in a thread when it ended are *accused*; the one that ends a thread while it is alone is *convicted*, and with it
 * its flow for that tenant: otherwise every further bad message would take the innocent down with it once.
 */
export class Suspicion {
  readonly #accused = new Set<string>();
  readonly #probation = new Map<string, number>();

  of(message: Message, nowMs: number): "free" | "accused" | "convicted" {
    const until = this.#probation.get(flowOf(message));
    if (until !== undefined && until > nowMs) return "convicted";
    if (until !== undefined) this.#probation.delete(flowOf(message));
    return this.#accused.has(idOf(message)) ? "accused" : "free";
  }

  accuse(message: Message): void {
    if (this.#accused.size < mostAccused) this.#accused.add(idOf(message));
  }

  convict(message: Message, nowMs: number): void {
    this.#accused.delete(idOf(message));
    this.#probation.set(flowOf(message), nowMs + probationMs);
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
