/** How a comparison stands. `unproven`: nothing was found, and it cannot be said that all is equal. `planned`: what was found can be repaired. */
export type ReconciliationState = "waiting" | "walking" | "equal" | "planned" | "unproven" | "failed" | "applied";

export type ReconciliationEvent = "began" | "found-nothing" | "found" | "could-not-prove" | "failed" | "repaired";

/**
 * ```
 * waiting ──began──▶ walking ──found-nothing──▶ equal
 *    │                  ├──could-not-prove────▶ unproven
 *    │                  ├──found──▶ planned ──repaired──▶ applied
 *    └──────failed──────┴──failed──▶ failed
 * ```
 * Null: it cannot happen there, and changes nothing.
 */
export const reconciliationStates: Readonly<
  Record<ReconciliationState, Readonly<Record<ReconciliationEvent, ReconciliationState | null>>>
> = {
  waiting: { ...nothing(), began: "walking", failed: "failed" },
  walking: { ...nothing(), "found-nothing": "equal", found: "planned", "could-not-prove": "unproven", failed: "failed" },
  planned: { ...nothing(), repaired: "applied" },
  equal: nothing(),
  unproven: nothing(),
  failed: nothing(),
  applied: nothing(),
};

function nothing(): Record<ReconciliationEvent, ReconciliationState | null> {
  return { began: null, "found-nothing": null, found: null, "could-not-prove": null, failed: null, repaired: null };
}

/** What a comparison that came to its end says. */
export function judge({
  found,
  proven,
  troubled,
  moved,
}: {
  readonly found: number;
  readonly proven: boolean;
  readonly troubled: number;
  readonly moved: number;
}): Extract<ReconciliationEvent, "found-nothing" | "found" | "could-not-prove"> {
  if (found > 0) return "found";
  return proven && troubled === 0 && moved === 0 ? "found-nothing" : "could-not-prove";
}
