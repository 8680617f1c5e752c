import type { AnyConnector } from "@belay/sdk";
import { github } from "@belay/connector-github";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";

/** Every connector of this repository. */
export const connectors: readonly AnyConnector[] = [github, hubspot, stripe, zendesk];
