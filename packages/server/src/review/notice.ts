export type NoticeKind = "scopes-unused" | "static-key" | "rotation-due";

/** A matter that somebody should do something about; its words change only with the matter, never with the day. */
export interface Notice {
  /** `""`: of the installation. */
  readonly tenant: string;
  readonly kind: NoticeKind;
  /** What it is about: a connection, a connector, a key, the name of a variable. */
  readonly subject: string;
  readonly what: string;
  readonly remedy: string;
}

export interface ReviewOptions {
  /** From which age on a secret is due to be rotated, days. `Infinity`: never. */
  readonly rotateAfterDays: number;
}

export const defaultReviewOptions: ReviewOptions = { rotateAfterDays: 365 };
