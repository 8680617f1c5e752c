import type { AnyConnector } from "@belay/sdk";
import { carddav } from "@belay/connector-carddav";
import { github } from "@belay/connector-github";
import { hubspot } from "@belay/connector-hubspot";
import { parse } from "@belay/connector-parse";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";

/** Every connector of this repository. */
export const connectors: readonly AnyConnector[] = [carddav, github, hubspot, parse, stripe, zendesk];
