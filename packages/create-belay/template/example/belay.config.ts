import { github } from "@belay/connector-github";
import { defineConfig } from "@belay/sdk";
import { tracker } from "./connectors/tracker.ts";
import { issuesToTasks } from "./flows/issues-to-tasks.ts";

/**
 * What runs here, and what the tenant "acme" has connected. Loaded by several threads, so it has no side effects.
 *
 * `belay dev --simulate` needs no more than this. For a real account, a connection says how to get in, with secrets from the environment:
 *
 *     credential: { token: new Secret(process.env["ACME_TRACKER_TOKEN"] ?? "") },
 *
 * and one that receives webhooks says where, and what they are signed with:
 *
 *     endpoint: "an-unguessable-text-of-16-or-more",
 *     webhookSecrets: [new Secret(process.env["ACME_GITHUB_WEBHOOK_SECRET"] ?? "")],
 */
export default defineConfig({
  connectors: [github, tracker],
  flows: [issuesToTasks],
  connections: [
    { id: "acme-github", tenant: "acme", connector: "github" },
    { id: "acme-tracker", tenant: "acme", connector: "tracker" },
  ],
});
