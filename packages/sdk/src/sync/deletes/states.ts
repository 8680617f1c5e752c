/** A delete on its way. `applied` ones can be undone until the undo window is over, then they are `final`. */
export type DeleteState = "held" | "approved" | "applied" | "dropped" | "undone" | "final";

/**
 * What may happen to it. `seen`: the record was seen again, so it was not deleted, or is there again. `expired`: the hold, or the undo window,
 * is over.
 */
export type DeleteEvent = "approved" | "refused" | "applied" | "undone" | "seen" | "expired";

/**
 * ```
 * held ──approved──▶ approved ──applied──▶ applied ──expired──▶ final
 *   │                    │                    │
 *   └─refused,seen,      └─refused,seen──▶    └─undone,seen──▶ undone
 *     expired──▶ dropped        dropped
 * ```
 * Null: it cannot happen there, and changes nothing.
 */
export const deleteStates: Readonly<Record<DeleteState, Readonly<Record<DeleteEvent, DeleteState | null>>>> = {
  held: { approved: "approved", refused: "dropped", applied: null, undone: null, seen: "dropped", expired: "dropped" },
  approved: { approved: null, refused: "dropped", applied: "applied", undone: null, seen: "dropped", expired: null },
  applied: { approved: null, refused: null, applied: null, undone: "undone", seen: "undone", expired: "final" },
  dropped: { approved: null, refused: null, applied: null, undone: null, seen: null, expired: null },
  undone: { approved: null, refused: null, applied: null, undone: null, seen: null, expired: null },
  final: { approved: null, refused: null, applied: null, undone: null, seen: null, expired: null },
};
