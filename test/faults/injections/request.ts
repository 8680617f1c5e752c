import type { OtherFault } from "../fault.ts";

const expected = { class: "request-mistake", owner: "engineer" } as const;

/** The host application, or a person, asks the API for what it does not give. */
export const requestFaults: readonly OtherFault[] = [
  {
    id: "wrong-token",
    layer: "API",
    fault: "wrong token",
    injected: "a request with another token",
    expects: { code: "API_UNAUTHORIZED", ...expected },
    observe: async (world) =>
      await world.explainRefusal(await world.request("/v1/messages", { headers: { authorization: "Bearer nobody" } })),
  },
  {
    id: "wrong-field",
    layer: "API",
    fault: "field of the wrong shape",
    injected: "a request for a page of no items",
    expects: { code: "API_REQUEST_INVALID", ...expected },
    observe: async (world) => await world.explainRefusal(await world.request("/v1/messages?limit=0")),
  },
  {
    id: "gone",
    layer: "API",
    fault: "thing that is not there",
    injected: "a request for a message that never was",
    expects: { code: "API_NOT_FOUND", ...expected },
    observe: async (world) => await world.explainRefusal(await world.request("/v1/messages/999999999")),
  },
  {
    id: "key-reused",
    layer: "API",
    fault: "idempotency key used for another request",
    injected: "a replay and a discard under one key",
    expects: { code: "API_KEY_REUSED", ...expected },
    observe: async (world) => {
      const act = async (action: string): Promise<Response> =>
        await world.request(`/v1/dead-letters/1/${action}?tenant=webhooks`, {
          method: "POST",
          headers: { "idempotency-key": "one-for-both" },
        });
      await act("replay");
      return await world.explainRefusal(await act("discard"));
    },
  },
  {
    id: "undeclared-event",
    layer: "API",
    fault: "event of a type that is not declared",
    injected: "the host application emits an event that the configuration does not have",
    expects: { code: "INGRESS_EVENT_UNKNOWN", ...expected },
    observe: async (world) => {
      const body = JSON.stringify({ tenant: "webhooks", type: "order.placed", id: "e-1", data: {} });
      return await world.explainRefusal(
        await world.request("/v1/events", { method: "POST", headers: { "content-type": "application/json" }, body }),
      );
    },
  },
];
