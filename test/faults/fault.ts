import type { FailureClass, FailureOwner } from "@belay/sdk";
import type { ApiStory } from "@belay/sdk/client";
import type { FaultRule } from "@belay/testkit";
import type { ShopEvent } from "./shop-event.ts";
import type { World } from "./world.ts";

/** How the product explains a failure. */
export type Explanation = NonNullable<ApiStory["explanation"]>;

export type Layer = "network" | "provider" | "contract" | "webhook" | "flow" | "configuration" | "API" | "installation";

interface Common {
  /** Names the fault, and the tenant that it befalls. */
  readonly id: string;
  readonly layer: Layer;
  /** What goes wrong. */
  readonly fault: string;
  /** Where and how it is brought about. */
  readonly injected: string;
  readonly expects: { readonly code: string; readonly class: FailureClass; readonly owner: FailureOwner };
}

/** Befalls a message: an event goes in as a signed webhook, and its story is asked what became of it. */
export interface MessageFault extends Common {
  readonly event: Omit<ShopEvent, "id">;
  /** What the simulated target does; `account` is added. */
  readonly rules?: readonly Omit<FaultRule, "account">[];
  /** What is special about the tenant's connection to the target. */
  readonly target?: Partial<DeclaredConnection>;
  /** How often the event is sent, each time anew. Default 1. */
  readonly times?: number;
  /** How it is seen: as a dead letter, or as a message that waits because its mailbox is paused. Default `dead`. */
  readonly ends?: "dead" | "waits";
  /** Ends, hangs or fills a thread, or changes the configuration: it has Belay for itself. Default false. */
  readonly alone?: boolean;
}

/** Befalls something else than a message; the injection asks the product itself. */
export interface OtherFault extends Common {
  readonly observe: (world: World) => Promise<Explanation>;
  readonly alone?: boolean;
}

export type Fault = MessageFault | OtherFault;

/** A connection as it travels to the configuration. */
export interface DeclaredConnection {
  readonly id: string;
  readonly tenant: string;
  readonly connector: string;
  readonly baseUrl?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly limits?: readonly { readonly requests: number; readonly per: "1h" }[];
  readonly credential?: Readonly<Record<string, string>>;
  readonly endpoint?: string;
  readonly webhookSecret?: string;
}

/** What a fault came to. */
export interface Observed {
  readonly fault: Fault;
  readonly explanation: Explanation;
}
