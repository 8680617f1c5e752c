import type { WriteSafety } from "../../connector/types.ts";
import type { OutboundRequest, OutboundResponse } from "../outbound.ts";

/** A read, or a write of the given safety, as the client would make it. */
export function requestOf(safety?: WriteSafety, changes: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    label: "desk.ticket.call",
    method: safety === undefined ? "GET" : "POST",
    path: "/api/tickets",
    headers: {},
    body: undefined,
    write: safety === undefined ? undefined : { key: "key:0", safety },
    absentOn404: false,
    operation: undefined,
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    ...changes,
  };
}

export function answer(status: number, headers: Record<string, string> = {}, body = ""): OutboundResponse {
  return { status, headers, body };
}
