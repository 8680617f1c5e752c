import type { MessageFault } from "../fault.ts";

const event = { type: "to-desk", do: "write a note" } as const;
const layer = "contract";
const json = { "content-type": "application/json" };

/** What comes is not what was declared. */
export const contractFaults: readonly MessageFault[] = [
  {
    id: "html-answer",
    layer,
    fault: "web page instead of JSON",
    injected: "the simulator answers 200 with a proxy's page",
    event,
    rules: [{ fault: { kind: "reply", status: 200, headers: { "content-type": "text/html" }, text: "<h1>Sign in</h1>" } }],
    expects: { code: "CLIENT_CONTENT_TYPE_UNEXPECTED", class: "answer-drift", owner: "engineer" },
  },
  {
    id: "answer-drift",
    layer,
    fault: "answer that has drifted from its schema",
    injected: "the simulator answers with a number where the id is a text",
    event,
    rules: [{ fault: { kind: "reply", status: 201, headers: json, text: '{"id":7,"text":"write a note"}' } }],
    expects: { code: "CLIENT_RESPONSE_INVALID", class: "answer-drift", owner: "engineer" },
  },
  {
    id: "answer-no-json",
    layer,
    fault: "answer that is no JSON",
    injected: "the simulator answers with a body that ends too early",
    event,
    rules: [{ fault: { kind: "reply", status: 201, headers: json, text: '{"id":"7","te' } }],
    expects: { code: "CLIENT_RESPONSE_INVALID", class: "answer-drift", owner: "engineer" },
  },
  {
    id: "answer-too-large",
    layer,
    fault: "answer too large",
    injected: "the simulator answers with 11 MiB",
    event,
    rules: [{ fault: { kind: "reply", status: 201, headers: json, text: `{"id":"7","text":"${"x".repeat(11 * 2 ** 20)}"}` } }],
    expects: { code: "HTTP_BODY_TOO_LARGE", class: "connector-mistake", owner: "engineer" },
  },
  {
    id: "mapping-throws",
    layer,
    fault: "the connector's own code throws",
    injected: "the `response` code of an operation throws",
    event: { type: "to-desk", do: "write a card" },
    expects: { code: "CLIENT_MAPPING_FAILED", class: "connector-mistake", owner: "engineer" },
  },
  {
    id: "event-drift",
    layer,
    fault: "event that does not fit its schema",
    injected: "a signed webhook lacks a field that is needed",
    event: { type: "to-desk", do: "" },
    expects: { code: "CONTRACT_PAYLOAD_INVALID", class: "event-drift", owner: "engineer" },
  },
  {
    id: "order-key",
    layer,
    fault: "orderKey that cannot be read",
    injected: "the flow's orderKey gives an empty text for this event",
    event: { ...event, orderKey: "" },
    expects: { code: "CONTRACT_KEY_INVALID", class: "flow-mistake", owner: "engineer" },
  },
];
