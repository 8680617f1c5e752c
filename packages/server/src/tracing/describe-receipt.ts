import { parseTrace, type Receipt } from "../telemetry/index.ts";
import { attributesOf, classOfQuarantined, type Classify } from "./classify.ts";
import type { Span } from "./span.ts";

/**
 * The span of a receipt, if it is to be told: when it is sampled, and always when Belay failed, or something waits for a person. What a stranger got wrong is
 * only told when sampled, or he could fill the collector.
 */
export function describeReceipt(receipt: Receipt, classify: Classify): Span | undefined {
  const trace = parseTrace(receipt.trace);
  if (trace === undefined) return undefined;
  const [dead] = receipt.quarantined;
  const isOurs = receipt.status >= 500 || receipt.code === "INGRESS_REFUSED";
  if (!trace.sampled && dead === undefined && !isOurs) return undefined;
  const error = receipt.code ?? dead?.code;
  const stored = receipt.outcome === "accepted" || receipt.outcome === "quarantined";
  const sender = parseTrace(receipt.sender);
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    // The host application tells its spans to the same collector. A provider does not: below its span the trace would have no root here.
    ...(sender !== undefined && (receipt.route === "/v1/events" ? { parentId: sender.spanId, remoteParent: true } : { link: sender })),
    name: `POST ${receipt.route}`,
    kind: "server",
    startedAtMs: receipt.startedAtMs,
    endedAtMs: receipt.endedAtMs,
    attributes: {
      "http.request.method": "POST",
      "http.route": receipt.route,
      "http.response.status_code": receipt.status,
      "belay.tenant": receipt.tenant,
      "belay.connection": receipt.connection,
      "belay.outcome": receipt.outcome,
      ...(receipt.eventType !== undefined && { "belay.event.type": receipt.eventType }),
      ...(receipt.eventId !== undefined && { "belay.event.id": receipt.eventId }),
      ...(dead !== undefined && {
        "belay.quarantined": receipt.quarantined.length,
        ...attributesOf(classOfQuarantined(receipt, dead, classify)),
      }),
      ...(error !== undefined && { "error.type": error }),
    },
    // A server's span is wrong when the server was; a refused stranger is none of its errors.
    ...((isOurs || dead !== undefined) && { error }),
    ...(stored && { events: [{ name: "belay.stored", atMs: receipt.endedAtMs }] }),
  };
}
