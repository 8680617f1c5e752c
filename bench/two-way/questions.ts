/** What is to happen at the two systems. */
export interface Question {
  /** Both are emptied, and so many people are put into the first. */
  readonly fill?: number;
  /** So many people are changed, every other one at the other side. */
  readonly edit?: number;
}

/** How the two systems stand. */
export interface Answer {
  readonly a: number;
  readonly b: number;
  /** Requests that changed something. */
  readonly writes: number;
  /** People that are not the same at both sides. */
  readonly differing: number;
}
