import type { Kind } from "./source-event.ts";

/** An event as its sender saw it. */
export interface Sent {
  readonly id: string;
  readonly kind: Kind;
  readonly key: string;
  readonly sequence: number;
  /** When a 202 arrived, ms since the epoch; null when none did: then it may be applied or not. */
  readonly ackedAt: number | null;
}

/** An effect as the target saw it, in the order in which the target made them. */
export interface Effect {
  readonly kind: Kind;
  readonly key: string;
  readonly sequence: number;
  /** Which of the effects of one event. */
  readonly part: number;
  readonly at: number;
}

export interface History {
  readonly sent: readonly Sent[];
  readonly effects: readonly Effect[];
  /** Ids of events that ended as dead letters. */
  readonly dead: readonly string[];
}

export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly staleWrites: number;
  readonly unexpected: number;
  /** One sentence for each of the above. */
  readonly findings: readonly string[];
}

const partsOf: Readonly<Record<Kind, number>> = { ledger: 2, registry: 1, board: 1 };

/**
 * Judges a finished run by what arrived at the targets alone; it asks nothing of Belay but its list of dead letters.
 *
 * - lost: acknowledged, yet an effect is missing and the event is no dead letter. A `board` event is not lost when a newer version was written.
 * - doubled: the same effect a second time.
 * - outOfOrder: an effect after a later one of its key. The second time of a doubled effect does not count again.
 * - staleWrites: the same for `board`, where it overwrites newer state.
 * - unexpected: an effect of an event that was never sent.
 */
export function checkHistory(history: History, options: { readonly finished: boolean } = { finished: true }): Verdict {
  const seen = checkEffects(history);
  const lost = options.finished ? findLost(history) : [];
  return {
    lost: lost.length,
    doubled: seen.doubled.length,
    outOfOrder: seen.outOfOrder.length,
    staleWrites: seen.staleWrites.length,
    unexpected: seen.unexpected.length,
    findings: [...lost, ...seen.doubled, ...seen.outOfOrder, ...seen.staleWrites, ...seen.unexpected],
  };
}

type EffectFindings = Readonly<Record<"doubled" | "outOfOrder" | "staleWrites" | "unexpected", string[]>>;

function checkEffects({ sent, effects }: History): EffectFindings {
  const findings: EffectFindings = { doubled: [], outOfOrder: [], staleWrites: [], unexpected: [] };
  const known = new Set(sent.map(({ id }) => id));
  const firstAt = new Map<string, number>();
  const newest = new Map<string, Effect>();
  for (const effect of effects) {
    const name = describe(effect);
    const id = `${effect.kind}:${effect.key}:${effect.sequence}`;
    if (!known.has(id)) findings.unexpected.push(`unexpected: ${name} was never sent`);
    const before = firstAt.get(name);
    if (before !== undefined) {
      findings.doubled.push(`doubled: ${name} was applied at ${time(before)} and again at ${time(effect.at)}`);
      continue;
    }
    firstAt.set(name, effect.at);
    const key = `${effect.kind}:${effect.key}`;
    const last = newest.get(key);
    if (last === undefined || rank(effect) > rank(last)) newest.set(key, effect);
    else {
      const [list, word] = effect.kind === "board" ? [findings.staleWrites, "stale"] : [findings.outOfOrder, "out of order"];
      list.push(`${word}: ${name} was applied at ${time(effect.at)}, after ${describe(last)} at ${time(last.at)}`);
    }
  }
  return findings;
}

function findLost({ sent, effects, dead }: History): string[] {
  const applied = new Set(effects.map(describe));
  const buried = new Set(dead);
  const newestOfBoard = new Map<string, number>();
  for (const { kind, key, sequence } of effects) {
    if (kind === "board") newestOfBoard.set(key, Math.max(sequence, newestOfBoard.get(key) ?? sequence));
  }
  return sent.flatMap((event) => {
    if (event.ackedAt === null || buried.has(event.id)) return [];
    if (event.kind === "board" && (newestOfBoard.get(event.key) ?? 0) > event.sequence) return [];
    const parts = Array.from({ length: partsOf[event.kind] }, (_, index) => describe({ ...event, part: index + 1 }));
    const missing = parts.filter((part) => !applied.has(part));
    return missing.map((part) => `lost: ${part} was acknowledged at ${time(event.ackedAt ?? 0)} and never applied`);
  });
}

function describe({ kind, key, sequence, part }: Pick<Effect, "kind" | "key" | "sequence" | "part">): string {
  return `${kind}:${key}:${sequence}${partsOf[kind] > 1 ? ` part ${part}` : ""}`;
}

function rank({ sequence, part }: Effect): number {
  return sequence * 10 + part;
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
