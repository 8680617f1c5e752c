import type { Client } from "../connector/client-types.ts";
import type { AnyConnector, EventReference } from "../connector/define-connector.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import { BelayError } from "../errors/belay-error.ts";
import type { FlowContext } from "./context.ts";

/** What an event carries; of several events the union, which their types tell apart. */
export type PayloadOf<Event> = Event extends EventReference<infer Payload> ? Payload : never;

export interface FlowDefinition<Event extends EventReference, Target extends ConnectorDefinition> {
  /** Lower case, stable: it is part of idempotency keys. */
  readonly id: string;
  /** One event, or several of the same connector. */
  readonly on: Event | readonly Event[];
  /** The connector that is written to. Messages wait in the mailbox of the tenant's connection to it. */
  readonly to: Target;
  /**
   * The entity an event is about. Messages with the same key run one after another in the order they were acknowledged;
   * others run side by side. At most 512 characters. Default: no order.
   */
  readonly orderKey?: (event: PayloadOf<Event>) => string | number;
  /**
   * The version of the entity the event speaks of, as the source counts it: a number, a `Date` or an ISO 8601 text. An event older
   * than the newest one already applied to its order key ends as `superseded`. Default: no guard.
   */
  readonly version?: (event: PayloadOf<Event>) => number | string | Date;
  /** Does the work. It may run again after a crash: wrap effects in `step`, which remembers what has finished. */
  readonly run: (context: FlowContext<PayloadOf<Event>, Client<Target>>) => Promise<void>;
}

/** A flow, with the types of its event and target erased for the runner. */
export interface Flow {
  readonly id: string;
  readonly on: readonly EventReference[];
  readonly to: AnyConnector;
  readonly orderKey?: (event: never) => string | number;
  readonly version?: (event: never) => number | string | Date;
  readonly run: (context: never) => Promise<void>;
}

/**
 * Declares what should happen at `to` when an event of `on` arrives.
 *
 * @throws `SDK_FLOW_INVALID` naming the field and what to write instead.
 */
export function defineFlow<Event extends EventReference, Target extends AnyConnector>(definition: FlowDefinition<Event, Target>): Flow {
  const on: readonly EventReference[] = [definition.on].flat();
  if (!/^[a-z][a-z0-9-]{0,79}$/.test(definition.id)) {
    throw new BelayError(
      "SDK_FLOW_INVALID",
      `Flow "${definition.id}", id: use lower-case letters, digits and dashes, at most 80, starting with a letter.`,
    );
  }
  if (on.length === 0 || on.some((event) => event === undefined)) {
    throw new BelayError(
      "SDK_FLOW_INVALID",
      `Flow "${definition.id}", on: name at least one declared event, such as github.events.issues.`,
    );
  }
  if (new Set(on.map((event) => event.connector)).size > 1) {
    throw new BelayError("SDK_FLOW_INVALID", `Flow "${definition.id}", on: all events must be of one connector; write a flow for each.`);
  }
  return { ...definition, on };
}
