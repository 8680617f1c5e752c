import { createNetwork, newSpanId, systemClock } from "@belay/sdk/http";
import type { Socket } from "node:net";
import { LocalBreaker } from "./breakers/index.ts";
import { personalFields } from "./catalog/index.ts";
import { CallLog, type ProxiedCall } from "./exchanges/index.ts";
import { CallTally } from "./flow/index.ts";
import { openHolder } from "./limits/index.ts";
import type { Closer, Parts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";
import { defaultProxyOptions, type EndedCall, type ProxyParts } from "./proxy/index.ts";
import { readSampleShare } from "./tracing/index.ts";

/** What was counted goes to the measures this often. */
const tellEveryMs = 1_000;

/** What the proxy of this process calls with, and who is told of its calls. */
export function openProxy(
  { database, breakers, cache, cipher, credentials, catalog, clock, counters, random, logger, measures, limits: shared, traffic }: Parts,
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
  const log = new CallLog({ db: database.db, cipher, personalFields: personalFields(catalog), clock, counters, logger });
  const share = readSampleShare(options.telemetry?.sampleShare, process.env);
  const holder = openHolder(
    (asks) => shared.lease(asks),
    () => clock.now(),
  );
  const stopHearing = shared.onBlocked((blocked) => {
    for (const { tenant, key, forMs } of blocked) holder.hearBlock(tenant, key, forMs);
  });
  const pipelineClock = { now: () => clock.now(), sleep: systemClock.sleep };
  const onOpen = (connection: string): void => tally.breakerOpened(connection);
  const breaker = new LocalBreaker({ desk: breakers, clock: pipelineClock, random, onOpen });
  const stopHearingOpen = breakers.subscribe((open) => breaker.hear(open, clock.now()));
  closers.push(async () => {
    clearInterval(telling);
    stopHearing();
    stopHearingOpen();
    holder.close();
    tell();
    await log.close();
    await network[Symbol.asyncDispose]();
  });
  // Which resource a path stands for, nobody knows here.
  const endAll = ({ tenant, id: connection }: EndedCall["connection"]): void =>
    cache.changed({ tenant, connection, resource: null, record: null });
  const limits = { ...defaultProxyOptions, ...options.proxy };
  return {
    ports: {
      clock: pipelineClock,
      random,
      network,
      breaker,
      budget: holder,
      cache,
      // Somebody waits for the answer.
      lane: "interactive",
      attemptTimeoutMs: limits.idleTimeoutMs,
      callTimeoutMs: limits.callTimeoutMs,
    },
    logger,
    options: limits,
    isPaused: ({ tenant, id }) => traffic.pauses.ofMailbox({ tenant, connection: id }),
    book: credentials.book,
    streaming,
    onEnd: (call: EndedCall) => {
      for (const attempt of call.attempts) tally.saw(call.connection.tenant, "", attempt);
      if (call.attempts.some(({ method }) => method !== "GET" && method !== "HEAD")) endAll(call.connection);
      if (!call.ok || random() < share) log.add(toProxiedCall(call, clock.now(), random));
    },
  };
}

/** What is kept of a call: here its exchanges are worked out. */
function toProxiedCall({ connection, actor, attempts, refusal, ok }: EndedCall, endedAt: number, random: () => number): ProxiedCall {
  return {
    tenant: connection.tenant,
    connection: connection.id,
    actor,
    endedAt,
    status: attempts.at(-1)?.status ?? null,
    code: refusal ?? null,
    ok,
    exchanges: attempts.map((attempt) => {
      return { ...attempt.toExchange(), step: "", spanId: attempt.spanId ?? newSpanId(random), ok: attempt.ok };
    }),
  };
}
