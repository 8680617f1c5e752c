/** Which sync is to walk, and where. */
export interface Asked {
  readonly sync: string;
  readonly connection: string;
}

/** What a walk did. */
export interface Walked {
  readonly tookMs: number;
  readonly created: number;
  readonly unchanged: number;
  readonly state: string;
}
