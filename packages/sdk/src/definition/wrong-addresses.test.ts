import { expect, test } from "vitest";
import { Secret } from "../secret.ts";
import { connectionWith, connectorWith } from "./__fixtures__/definitions.ts";

/* What is said of an address that leads to where no call may go. */

test.each([
  [
    connectorWith({ hosts: ["https://crm.example"] }),
    'Connector "crm", hosts.0: found "https://crm.example". Give a host such as files.example.com, or *.example.com for all below one.',
  ],
  [
    connectorWith({ hosts: ["files.example"] }),
    'Connector "crm", hosts: found "files.example". The base URL\'s own host is missing: add *.crm.example.',
  ],
  [
    connectionWith({ settings: { region: "evil.example/#" } }),
    'Configuration, connections.0.settings.region: found "evil.example/#". It is a part of the host\'s name: use letters, digits, dashes and dots between them only.',
  ],
  [
    connectionWith({ tls: { cert: new Secret("c") } }),
    "Configuration, connections.0.tls.key: found nothing. A certificate is shown together with its key: give both, or neither.",
  ],
])("%# says the field and the remedy", (define, message) => {
  expect(define).toThrow(message);
});

test("hosts with the base URL's own among them, and a certificate with its key, are taken", () => {
  expect(connectorWith({ hosts: ["*.crm.example", "files.example:8443"], redirects: "follow" })).not.toThrow();
  expect(connectionWith({ tls: { cert: new Secret("c"), key: new Secret("k") } })).not.toThrow();
});
