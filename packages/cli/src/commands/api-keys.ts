import type { ApiKey, ApiKeyWish, ApiMadeKey } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult, readableTime, tableOf } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

const mostShown = 10_000;
const roles = ["admin", "engineer", "support", "tenant"] as const;

interface CreateOptions extends InspectingOptions {
  readonly role: string;
  readonly tenant?: string;
  readonly permissions?: string;
  readonly days?: string;
}

/** `belay api-keys`: the keys that programs come in with. */
export function apiKeysCommand(): Command {
  const command = new Command("api-keys").description("Make, list, replace and revoke the keys that programs come in with.");
  command.addCommand(createCommand());
  command.addCommand(listCommand());
  command.addCommand(rotateCommand());
  command.addCommand(revokeCommand());
  return command;
}

function createCommand(): Command {
  return inspecting(new Command("create"))
    .description("Make a key. It is shown this once and kept nowhere.")
    .argument("<name>", "what it is for")
    .option("--role <role>", `what it may do: ${roles.join(", ")}`, "engineer")
    .option("--tenant <tenant>", "the only tenant whose things it opens; default: those of all")
    .option("--permissions <list>", "fewer permissions than the role has, separated by commas")
    .option("--days <number>", "how long it works; default: for ever")
    .action(async (name: string, options: CreateOptions) => {
      const role = roles.find((known) => known === options.role);
      if (role === undefined) throw invalidOption("--role", `takes one of ${roles.join(", ")}; this was "${options.role}".`);
      const { tenant, permissions, days } = options;
      const wish: ApiKeyWish = {
        name,
        role,
        ...(tenant !== undefined && { tenant }),
        // The server knows which there are, and says so.
        ...(permissions !== undefined && { permissions: permissions.split(",") as NonNullable<ApiKeyWish["permissions"]> }),
        ...(days !== undefined && { expiresInDays: readWholeNumber("--days", days, 3_650) }),
      };
      const made = await withServer(options, async ({ belay }) => await belay.apiKeys.create(wish));
      printResult(options.json, made, () => describeMade(made));
    });
}

function listCommand(): Command {
  return inspecting(new Command("list"))
    .description("Keys, those that have ended too, without their texts.")
    .action(async (options: InspectingOptions) => {
      const { items: keys } = await withServer(options, async ({ belay }) => await takeFirst(belay.apiKeys.list(), mostShown));
      printResult(options.json, keys, () =>
        tableOf(["id", "name", "role", "tenant", "made", "used", "ends"], keys.map(toRow), "No keys: make one with belay api-keys create."),
      );
    });
}

function rotateCommand(): Command {
  return inspecting(new Command("rotate"))
    .description("Make a key that may do the same; the old one works on for a while.")
    .argument("<id>", "as belay api-keys list shows it")
    .option("--overlap-hours <number>", "how long both work", "24")
    .action(async (id: string, options: InspectingOptions & { readonly overlapHours: string }) => {
      const overlapHours = readWholeNumber("--overlap-hours", options.overlapHours, 720);
      const made = await withServer(options, async ({ belay }) => await belay.apiKeys.rotate(id, { overlapHours }));
      printResult(options.json, made, () => describeMade(made));
    });
}

function revokeCommand(): Command {
  return inspecting(new Command("revoke"))
    .description("End a key, everywhere within two seconds.")
    .argument("<id>", "as belay api-keys list shows it")
    .action(async (id: string, options: InspectingOptions) => {
      await withServer(options, async ({ belay }) => await belay.apiKeys.revoke(id));
      printResult(options.json, { revoked: id }, () => `Key ${id} works no more.`);
    });
}

function describeMade({ key, apiKey }: ApiMadeKey): string {
  return `${key}\n\nThis is key ${apiKey.id}, role ${apiKey.role}, ${apiKey.tenant === null ? "for all tenants" : `for tenant ${apiKey.tenant}`}. Keep it now: it is shown this once.`;
}

function toRow({ id, name, role, tenant, createdAt, lastUsedAt, expiresAt, revokedAt }: ApiKey): string[] {
  const ends = revokedAt === null ? readableTime(expiresAt) : `revoked ${readableTime(revokedAt)}`;
  return [id, name, role, tenant ?? "all", readableTime(createdAt), readableTime(lastUsedAt), ends];
}
