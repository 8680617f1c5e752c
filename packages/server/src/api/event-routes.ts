import { BelayError } from "@belay/sdk";
import { beginTrace, emitEvent } from "../ingress/index.ts";
import { emission, hostEvent } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope, idempotencyHeader } from "./scope.ts";

/** What the host application tells of itself. */
export function registerEventRoutes(scope: ApiScope, parts: ApiParts): void {
  scope.post(
    "/events",
    {
      config: { permission: "events.emit" },
      schema: {
        operationId: "emitEvent",
        tags: ["events"],
        summary: "Emits an event of the host application.",
        description:
          "When it is answered, the event is on disk together with the work that it causes. Of any number of emissions with the same id, exactly one causes work; ids are known for seven days.",
        headers: idempotencyHeader,
        body: hostEvent,
        response: answers(emission, 202),
      },
    },
    async ({ body: { tenant, type, data, id: own }, headers }, reply) => {
      const id = own ?? headers["idempotency-key"];
      if (id === undefined)
        throw new BelayError(
          "API_REQUEST_INVALID",
          "id: give the event an id, in the body or as Idempotency-Key, so that it can be sent again safely.",
        );
      const { traceparent } = headers as { traceparent?: unknown };
      const sender = typeof traceparent === "string" ? traceparent : undefined;
      const trace = beginTrace(parts.tracing, sender, parts.clock.now(), true);
      const result = await emitEvent(parts, { tenant, type, id, data: data ?? null, trace, sender });
      parts.counters.add("ingress.received");
      parts.counters.add(`ingress.${result.outcome}`);
      return await reply.code(202).send(result);
    },
  );
}
