/**
 * As `belay.config.ts`, after the tenant has moved: its address book is another one, at the URL in `LIST_URL`.
 *
 * @module
 */
import { defineConfig } from "@belay/sdk";
import before, { connections } from "./belay.config.ts";

export default defineConfig({
  ...before,
  connections: connections
    .slice(0, 2)
    .map((connection) =>
      connection.connector === "book" ? { ...connection, id: "acme-new-book", baseUrl: process.env["LIST_URL"] ?? "" } : connection,
    ),
});
