/** What a process of the benchmark is started with, as JSON in its first argument. */
export interface ProcessSetting {
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly owner: string;
  readonly connections: number;
  readonly workers: number;
  /** Renews what is due before anybody needs it; else only what a worker waits for. */
  readonly ahead: boolean;
}

/** Short, so that many credentials expire in a minute. */
export const lifetimeSeconds = 6;
export const leaseMs = 1_500;
/** How long the slow answers take: longer than the lease is. */
export const slowMs = 4_000;
/** Longer than a slow request is on its way. */
export const settleMs = 6_000;

export const connectionId = (index: number): string => `account-${index}`;
export const tenantOf = (index: number): string => `tenant-${index % 10}`;
