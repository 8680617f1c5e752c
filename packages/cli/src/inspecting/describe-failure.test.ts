import type { ApiToldFailure } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeFailure } from "./describe-failure.ts";

const told: ApiToldFailure = {
  id: 7,
  tenant: "acme",
  state: "dead",
  register: "support",
  happened: "Zendesk refuses the credential.",
  remedy: "Ask the tenant to connect again.",
  class: "credential-refused",
  title: "Credential refused",
  owner: "tenant",
  recovery: "after-mending",
  actions: [{ action: "replay", text: "Run it again.", who: "support", command: "belay dead-letters replay 7" }],
  code: "ZENDESK_UNAUTHORIZED",
  meaning: "The token is wrong.",
  error: "zendesk.ticket.create: the provider answered 401.",
};

test("support reads what it is, who acts, the cause, and how to do what can be done", () => {
  const text = describeFailure(told);
  for (const line of [
    /^Message 7 is dead\.$/m,
    /^ *what +Credential refused \(credential-refused\)$/m,
    /who acts +the tenant$/m,
    /cause +ZENDESK_UNAUTHORIZED: The token is wrong\.$/m,
    /in this case +zendesk\.ticket\.create: the provider answered 401\.$/m,
    /Run it again\. +belay dead-letters replay 7$/m,
  ])
    expect(text).toMatch(line);
});

test("a tenant reads two sentences and what a tenant can do", () => {
  const actions = [{ action: "reconnect", text: "Connect the account again.", who: "tenant", command: null }] as const;
  expect(describeFailure({ ...told, register: "tenant", actions: [...actions], code: null, meaning: null, error: null })).toBe(
    "Zendesk refuses the credential.\nAsk the tenant to connect again.\n- Connect the account again.",
  );
});

test("what has not failed is one sentence", () => {
  const well = { title: null, class: null, owner: null, recovery: null, code: null, meaning: null, error: null, remedy: null };
  expect(describeFailure({ ...told, ...well, state: "delivered", happened: "It is done.", actions: [] })).toBe(
    "Message 7 is delivered.\n\nIt is done.",
  );
});
