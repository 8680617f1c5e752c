/** Limits of proxied calls. */
export interface ProxyOptions {
  /** Largest body of a request, bytes. Default 5 GiB. */
  readonly maxRequestBytes?: number;
  /** How long nothing may move, in either direction, ms: while the provider thinks too. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** A call with all its attempts, until its answer begins to arrive or its body to leave, ms. Default 60,000. */
  readonly callTimeoutMs?: number;
}

export const defaultProxyOptions: Required<ProxyOptions> = {
  maxRequestBytes: 5 * 1024 ** 3,
  idleTimeoutMs: 30_000,
  callTimeoutMs: 60_000,
};
