import { createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import type { Socket } from "node:net";
import { CallTally } from "./flow/index.ts";
import type { Closer, Parts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";
import { defaultProxyOptions, type EndedCall, type ProxyParts } from "./proxy/index.ts";

/** What was counted goes to the measures this often. */
const tellEveryMs = 1_000;

/** What the proxy of this process calls with, and who is told of its calls. */
export function openProxy(
  { clock, random, logger, measures }: Parts,
  options: BelayOptions,
  streaming: WeakSet<Socket>,
  closers: Closer[],
): ProxyParts {
  const tally = new CallTally();
  const tell = (): void => {
    const report = tally.take();
    if (report !== undefined) measures.called(report);
  };
  const telling = setInterval(tell, tellEveryMs);
  telling.unref();
  const network = createNetwork();
  closers.push(async () => {
    clearInterval(telling);
    tell();
    await network[Symbol.asyncDispose]();
  });
  const limits = { ...defaultProxyOptions, ...options.proxy };
  return {
    ports: {
      clock: { now: () => clock.now(), sleep: systemClock.sleep },
      random,
      network,
      breaker: createMemoryBreaker({ onOpen: (connection) => tally.breakerOpened(connection) }),
      budget: createMemoryBudget(),
      attemptTimeoutMs: limits.idleTimeoutMs,
      callTimeoutMs: limits.callTimeoutMs,
    },
    logger,
    options: limits,
    credentialsOf: () => undefined,
    streaming,
    onEnd: ({ connection: { tenant }, attempts }: EndedCall) => {
      for (const attempt of attempts) tally.saw(tenant, "", attempt);
    },
  };
}
