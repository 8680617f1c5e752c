import { randomBytes } from "node:crypto";

/** Which providers each tenant has connected; for every source the target that its flow writes to. */
export const tenants = [
  { tenant: "acme", sources: ["github"], targets: ["zendesk"] },
  { tenant: "globex", sources: ["stripe"], targets: ["hubspot"] },
  { tenant: "initech", sources: ["github", "stripe"], targets: ["zendesk", "hubspot"] },
] as const;

/** The name of the environment variable for a setting of a connection: `DEMO_ACME_GITHUB_SECRET`. */
export function variable(tenant: string, connector: string, name: "ENDPOINT" | "SECRET" | "URL" | "TOKEN"): string {
  return `DEMO_${tenant}_${connector}_${name}`.toUpperCase();
}

/** What one installation of the demo keeps to itself: an endpoint and a secret per source, a token per target. */
export function drawSecrets(): Record<string, string> {
  const secrets: Record<string, string> = {};
  for (const { tenant, sources, targets } of tenants) {
    for (const source of sources) {
      secrets[variable(tenant, source, "ENDPOINT")] = randomBytes(18).toString("base64url");
      secrets[variable(tenant, source, "SECRET")] = `whsec_${randomBytes(24).toString("hex")}`;
    }
    for (const target of targets) secrets[variable(tenant, target, "TOKEN")] = randomBytes(24).toString("hex");
  }
  return secrets;
}

/**
 * The value of a connection's setting.
 *
 * @throws Error when nobody has set it.
 */
export function setting(tenant: string, connector: string, name: Parameters<typeof variable>[2]): string {
  const key = variable(tenant, connector, name);
  const value = process.env[key];
  if (value === undefined || value === "") throw new Error(`${key} is not set. Start the demo with "npm run demo", which sets it.`);
  return value;
}
