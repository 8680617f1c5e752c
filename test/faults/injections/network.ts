import type { MessageFault } from "../fault.ts";

const event = { type: "to-desk", do: "write a note" } as const;

/** Nothing gets through to the target, or not whole. */
export const networkFaults: readonly MessageFault[] = [
  {
    id: "refused",
    layer: "network",
    fault: "connection refused",
    injected: "nothing listens at the target's port",
    event,
    target: { baseUrl: "http://127.0.0.1:1" },
    expects: { code: "HTTP_CONNECT_FAILED", class: "network-failed", owner: "operator" },
  },
  {
    id: "unknown-host",
    layer: "network",
    fault: "unknown host",
    injected: "the target's host name does not exist",
    event,
    target: { baseUrl: "http://desk.invalid" },
    expects: { code: "HTTP_HOST_UNKNOWN", class: "address-wrong", owner: "support" },
  },
  {
    id: "private-address",
    layer: "network",
    fault: "address that nobody may call",
    injected: "the target's base URL is where clouds keep the keys of their machines",
    event,
    target: { baseUrl: "http://169.254.169.254" },
    expects: { code: "HTTP_ADDRESS_FORBIDDEN", class: "address-wrong", owner: "support" },
  },
  {
    id: "tls",
    layer: "network",
    fault: "no trusted connection",
    injected: "what listens at the https address does not speak TLS",
    event,
    target: { baseUrl: "{https}" },
    expects: { code: "HTTP_TLS_FAILED", class: "network-failed", owner: "operator" },
  },
  {
    id: "cut-answer",
    layer: "network",
    fault: "connection cut in the middle of the answer",
    injected: "the target's socket is destroyed after half of the body",
    event,
    target: { baseUrl: "{cutting}" },
    expects: { code: "HTTP_CONNECTION_LOST", class: "network-failed", owner: "operator" },
  },
  {
    id: "cut-request",
    layer: "network",
    fault: "connection cut before an answer",
    injected: "the simulator drops the connection, nothing committed",
    event,
    rules: [{ fault: { kind: "reset-before-commit" } }],
    expects: { code: "HTTP_CONNECTION_LOST", class: "network-failed", owner: "operator" },
  },
  {
    id: "time-out",
    layer: "network",
    fault: "no answer in time",
    injected: "the simulator commits and never answers",
    event,
    rules: [{ fault: { kind: "timeout-after-commit" } }],
    expects: { code: "HTTP_TIMEOUT", class: "provider-slow", owner: "provider" },
  },
];
