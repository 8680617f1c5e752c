import type { Dispatcher } from "undici";
import type { Credentials } from "../auth/credentials.ts";
import type { ConnectorDefinition, Lane, Limit } from "../connector/types.ts";
import { attemptTimeout } from "./attempt-timeout.ts";
import { auth } from "./auth.ts";
import type { Breaker } from "./breaker.ts";
import { bindBudgets } from "./bind-budgets.ts";
import type { BudgetOwner } from "./bind-budgets.ts";
import type { Budget } from "./budget.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import type { Clock } from "./clock.ts";
import { deadline } from "./deadline.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { compose } from "./outbound.ts";
import type { Layer, Send } from "./outbound.ts";
import { place } from "./place.ts";
import type { Places } from "./places.ts";
import { rateBudget } from "./rate-budget.ts";
import { record } from "./record.ts";
import type { Exchange } from "./record.ts";
import { followRedirects } from "./redirects.ts";
import { retry } from "./retry.ts";
import { send } from "./send.ts";
import { trace } from "./trace.ts";
import { guardUrls } from "./url-guard.ts";

/** What the pipeline needs from outside; shared by all connections of a process. */
export interface PipelinePorts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly breaker: Breaker;
  readonly budget: Budget;
  /** Whose turn calls are that no operation makes. Default `event`. */
  readonly lane?: Lane;
  /** Sees each attempt without its secrets, after it ended. Must be quick. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** One attempt, from connecting to the answer's last byte. Default 10,000. */
  readonly attemptTimeoutMs?: number;
  /** One call with all its attempts and waits. Default 30,000. */
  readonly callTimeoutMs?: number;
  /** Largest answer that is read. Default 10 MiB. */
  readonly maxResponseBytes?: number;
}

export const defaultAttemptTimeoutMs = 10_000;
export const defaultCallTimeoutMs = 30_000;

export interface PipelineTarget {
  readonly connector: ConnectorDefinition;
  /** `tenant/connection`: the key of breaker and budget. */
  readonly connection: string;
  /** Whose calls are counted. Default: those of the connection, whose account nobody else has and whose base URL has no path. */
  readonly owner?: BudgetOwner;
  /** What all connections of its provider share, the other key of the breaker. Default: `origin`. */
  readonly provider?: string;
  /** What the account was granted. Default: what the connector declares. */
  readonly limits?: readonly Limit[];
  readonly credentials: Credentials;
  readonly dispatcher: Dispatcher;
  /** Default: any number of exchanges at a time. */
  readonly places?: Places;
  readonly origin: string;
  /** Where redirects of reads may lead beside `origin`, if the connector follows them. Default: nowhere. */
  readonly hosts?: readonly string[];
}

/** Builds the layers for one connection. The order is part of what they promise; see architecture.md §6. */
export function createPipeline(target: PipelineTarget, ports: PipelinePorts): Send {
  const { connector, connection, credentials } = target;
  const { clock, random, onExchange } = ports;
  const owner = target.owner ?? { connector: connector.id, ...splitKey(connection) };
  const budgets = bindBudgets(owner, target.limits ?? connector.limits ?? []);
  const subject = { connection, provider: target.provider ?? target.origin };
  const closedForMs = (): number => ports.breaker.closedForMs(subject, clock.now());
  const layers: Layer[] = [
    deadline(clock, ports.callTimeoutMs ?? defaultCallTimeoutMs),
    idempotencyKey,
    retry({ clock, random, errors: connector.errors ?? [], credentials, closedForMs }),
    circuitBreaker(ports.breaker, subject, clock),
    ...(target.places ? [place(target.places, `${owner.tenant} ${target.origin}`, clock)] : []),
    rateBudget({ budget: ports.budget, budgets, clock, errors: connector.errors ?? [], ...(ports.lane && { lane: ports.lane }) }),
    attemptTimeout(clock, ports.attemptTimeoutMs ?? defaultAttemptTimeoutMs),
    auth(connector.auth, credentials),
    ...(connector.redirects === "follow" ? [followRedirects(target.origin, guardUrls(target.origin, target.hosts))] : []),
    trace(random),
    record({ connection, auth: connector.auth, credentials, clock, ...(onExchange && { onExchange }) }),
  ];
  return compose(
    layers,
    send({
      dispatcher: target.dispatcher,
      origin: target.origin,
      maxResponseBytes: ports.maxResponseBytes ?? 10 * 1024 * 1024,
    }),
  );
}

/** `tenant/connection` in its parts. */
function splitKey(key: string): { readonly tenant: string; readonly id: string } {
  const at = key.lastIndexOf("/");
  return { tenant: key.slice(0, Math.max(0, at)), id: key.slice(at + 1) };
}
