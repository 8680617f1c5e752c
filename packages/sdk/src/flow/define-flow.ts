import type { Client } from "../connector/client-types.ts";
import type { AnyConnector, EventReference } from "../connector/define-connector.ts";
import type { AnyReferences, References } from "../connector/references.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import { describe, refuser } from "../definition/refuse.ts";
import { checkFlow } from "./check-flow.ts";
import type { FlowContext } from "./context.ts";

/** What an event carries; of several events the union, which their types tell apart. */
export type PayloadOf<Event> = Event extends EventReference<infer Payload> ? Payload : never;

/** What `run` gets: of several events one context each, told apart by `type`. */
export type ContextOf<Event, Target, Further> =
  Event extends EventReference<infer Payload, infer Type> ? FlowContext<Payload, Target, Further, Type> : never;

/** The typed clients of further connections, by the names that the flow gave them. */
export type ClientsOf<Further> = {
  readonly [Name in keyof Further]: Further[Name] extends ConnectorDefinition ? Client<Further[Name]> : never;
};

export interface FlowDefinition<Event extends EventReference, Target extends ConnectorDefinition, Further = Record<never, never>> {
  /** Lower case, stable: it is part of idempotency keys. */
  readonly id: string;
  /** One event, or several of the same connector. */
  readonly on: Event | readonly Event[];
  /** The connector that is written to. Messages wait in the mailbox of the tenant's connection to it. */
  readonly to: Target;
  /**
   * Further connectors that the flow uses, by names of its own: `{ billing: stripe }` is `connections.billing` in `run`. Each means the
   * tenant's connection to it; a tenant that lacks one does not have the flow. Default: none.
   */
  readonly connections?: Further;
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
  /**
   * What identifies a thing in people's words, by kind, beyond what the connector declares: `{ order: "order.number", buyer: ({ buyer }) => buyer.email }`. The flow's messages are
   * found by it. Default: nothing more.
   */
  readonly references?: References<PayloadOf<Event>>;
  /** Does the work. It may run again after a crash: wrap effects in `step`, which remembers what has finished. */
  readonly run: (context: ContextOf<Event, Client<Target>, ClientsOf<Further>>) => Promise<void>;
}

/** A flow, with the types of its event and target erased for the runner. */
export interface Flow {
  readonly id: string;
  readonly on: readonly EventReference[];
  readonly to: AnyConnector;
  readonly connections?: Readonly<Record<string, Pick<AnyConnector, "id">>>;
  /** Of which of them a listing is read page by page, by its resource, in the place of a client. */
  readonly lists?: Readonly<Record<string, string>>;
  readonly orderKey?: (event: never) => string | number;
  readonly version?: (event: never) => number | string | Date;
  readonly references?: AnyReferences;
  readonly run: (context: never) => Promise<void>;
}

/**
 * Declares what should happen at `to` when an event of `on` arrives.
 *
 * @throws `SDK_FLOW_INVALID` naming the field, what was found, what to write instead, and the file and line of the definition.
 */
export function defineFlow<
  Event extends EventReference,
  Target extends AnyConnector,
  const Further extends Readonly<Record<string, AnyConnector>> = Record<never, never>,
>(definition: FlowDefinition<Event, Target, Further>): Flow {
  const { id } = Object(definition) as { readonly id?: unknown };
  checkFlow(definition, refuser("SDK_FLOW_INVALID", `Flow ${describe(id)}`, defineFlow));
  return { ...definition, on: [definition.on].flat() };
}
