/** By which sign the provider said that a listing is at its end. */
export type EndSign = "end-by-flag" | "end-by-total" | "end-by-empty-page" | "end-by-no-cursor" | "end-by-no-link" | "end-by-one-answer";

/**
 * That a walk has seen every record that was there from its beginning to its end. Only where there is one may anything be concluded from
 * a record that the walk did not see.
 */
export interface Proof {
  readonly kind: EndSign;
  /** `all`: of the whole listing. `changes`: of what has changed; what is missing among the changes is not gone. */
  readonly covers: "all" | "changes";
  /** How many pages were read, those that were read twice included. */
  readonly pages: number;
  /** How many records came with them, each counted once as far as the walk remembers. */
  readonly records: number;
  /** How often the walk began from the start: 1, unless a cursor expired or the pages had moved too far. */
  readonly passes: number;
}

/** Why a walk that came to its end proves nothing. What it has read is as good as ever. */
export type WhyNone =
  /** Two pages could not be joined: nothing of what was read before stood on the one after, so records may lie between them. */
  | "drifted"
  /** The provider lists only so many records, and that many came. */
  | "capped"
  /** The pages went in a circle. */
  | "looped"
  /** The provider's total is not what was there. */
  | "total-disagrees"
  /** A cursor expired, again and again, and nothing was left to go on by. */
  | "cursor-expired"
  /** A cursor expired, and the walk went on by a field that not every record has. */
  | "cursor-expired-resumed"
  /** The listing's order is by a value that changes, so records may move behind the walk. */
  | "order-changes"
  /** A filter that cannot be opened hides records: the listing is not of all. */
  | "narrowed"
  /** Pages are counted and their size cannot be chosen, so that no two can be made to overlap. */
  | "not-declared";

/** Everything that a walk may lack a proof for, in words. */
export const whyNoneTexts: Readonly<Record<WhyNone, string>> = {
  drifted: "Records came or went while the listing was read, and two of its pages could not be joined.",
  capped: "The provider lists only so many records.",
  looped: "The provider's pages went in a circle.",
  "total-disagrees": "The total that the provider states is not the number of records that it listed.",
  "cursor-expired": "The provider's cursor expired again and again, and there was nothing else to go on by.",
  "cursor-expired-resumed": "The provider's cursor expired, and the walk went on by a field that not every record has.",
  "order-changes": "The listing is in the order of a value that changes, so records may have moved behind the walk.",
  narrowed: "The listing leaves out records by a filter that cannot be opened.",
  "not-declared": "The listing counts its pages, and the connector declares no parameter for their size, so pages cannot overlap.",
};
