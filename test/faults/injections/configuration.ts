import type { Fault, OtherFault } from "../fault.ts";
import { configUrl, startFaultyBelay, type World } from "../world.ts";

const layer = "configuration";
const mistake = { class: "configuration-mistake", owner: "engineer" } as const;

/** What is declared does not fit, or something is missing in it. */
export const configurationFaults: readonly Fault[] = [
  {
    id: "no-credential",
    layer,
    fault: "connection without credential",
    injected: "nobody has connected the account; what comes for it waits",
    event: { type: "to-desk", do: "write a note" },
    ends: "waits",
    target: { credential: {} },
    expects: { code: "CREDENTIAL_MISSING", class: "credential-refused", owner: "tenant" },
  },
  {
    id: "disconnected",
    layer,
    fault: "further connection missing",
    injected: "a tenant disconnects an account that a flow uses, then its dead letter is replayed",
    alone: true,
    expects: { code: "FLOW_UNKNOWN", ...mistake },
    observe: replayDisconnected,
  },
  unloadable(
    "no-file",
    "configuration file missing",
    "a configuration is loaded that is not there",
    "CATALOG_CONFIG_UNREADABLE",
    mistake,
    () => {
      return new URL("nowhere.config.ts", configUrl).href;
    },
  ),
  unloadable(
    "two-targets",
    "two connections that a flow could write to",
    "a configuration is loaded in which a tenant has two connections to Desk",
    "CATALOG_FLOW_UNROUTABLE",
    mistake,
    () =>
      moduleOf(
        `import config from ${JSON.stringify(`${configUrl}?two-targets`)};`,
        `const second = { ...config.connections.find(({ connector }) => connector === "desk"), id: "a-second-desk" };`,
        `export default { ...config, connections: [...config.connections, second] };`,
      ),
  ),
  unloadable(
    "bad-setting",
    "setting that would lead to another host",
    "a configuration is loaded in which a setting of a connection holds a slash",
    "SDK_CONFIG_INVALID",
    mistake,
    () =>
      moduleOf(
        `import { defineConfig, Secret } from ${JSON.stringify(import.meta.resolve("@belay/sdk"))};`,
        `import config from ${JSON.stringify(`${configUrl}?bad-setting`)};`,
        `const astray = { id: "astray", tenant: "acme", connector: "fort", settings: { host: "desk.example/other" }, credential: { token: new Secret("t") } };`,
        `export default defineConfig({ ...config, connections: [...config.connections, astray] });`,
      ),
  ),
  unloadable(
    "bad-connector",
    "connector with a wrong field",
    "a configuration is loaded whose connector has no base URL",
    "SDK_CONNECTOR_INVALID",
    { class: "connector-mistake", owner: "engineer" },
    () =>
      moduleOf(
        `import { defineConnector } from ${JSON.stringify(import.meta.resolve("@belay/sdk"))};`,
        `defineConnector({ id: "bad", title: "Bad", auth: { kind: "bearer" }, resources: {} });`,
      ),
  ),
  {
    id: "short-token",
    layer,
    fault: "admin token that could be guessed",
    injected: "Belay is started with a token of 5 characters",
    expects: { code: "API_TOKEN_TOO_SHORT", ...mistake },
    observe: async (world) => {
      return await world.explainThrown(async () => {
        await using _started = await startFaultyBelay({ kind: "pglite" }, { adminToken: "12345" });
      });
    },
  },
];

function moduleOf(...lines: readonly string[]): string {
  return `data:text/javascript,${encodeURIComponent(lines.join("\n"))}`;
}

function unloadable(
  id: string,
  fault: string,
  injected: string,
  code: string,
  expected: Pick<OtherFault["expects"], "class" | "owner">,
  url: () => string,
): OtherFault {
  return {
    id,
    layer,
    fault,
    injected,
    expects: { code, ...expected },
    observe: async (world) => await world.explainThrown(async () => await world.reload(url())),
  };
}

/** The message dies of something else first: it must be there before the connection goes. */
async function replayDisconnected(world: World): ReturnType<OtherFault["observe"]> {
  await world.sendEvent({ id: "disconnected-1", type: "to-both", do: "write both" }, "disconnected");
  const { message } = await world.findStory("disconnected", "dead");
  await world.reload(`${configUrl}?without=disconnected-zendesk`);
  try {
    await world.belay.deadLetters.replay({ tenant: "disconnected", id: message.id });
    const { explanation } = await world.findStory("disconnected", "dead");
    if (explanation === null) throw new Error("The replayed message has no explanation.");
    return explanation;
  } finally {
    await world.reload(`${configUrl}?again`);
  }
}
