import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OAuthServer, startOAuthServer } from "../../../../test/oauth/start-oauth-server.ts";
import { openOidc } from "./oidc.ts";

const callback = "https://belay.example/sign-in/oidc/callback";

describe("the secret of the operators' identity provider", () => {
  let provider: OAuthServer;
  beforeAll(async () => {
    provider = await startOAuthServer({ clientAuthentication: "body", redirectUris: [callback] });
  });
  afterAll(async () => await provider.close());

  const signIn = async (clientSecret: readonly [string, ...string[]]): Promise<string> => {
    const { issuer, client } = provider;
    const oidc = openOidc({ issuer, clientId: client.id, clientSecret, scope: "openid", claim: "sub", roles: { admin: ["user-1"] } });
    const { url, attempt } = await oidc.begin(callback);
    const { role } = await oidc.finish(new URL(await provider.agree(url)), attempt);
    return role;
  };

  test("is rotated without anybody being kept out: of two the one counts that the provider takes", async () => {
    provider.changeSecret("the old secret");
    expect(await signIn(["the new secret", "the old secret"])).toBe("admin");
    provider.changeSecret("the new secret");
    expect(await signIn(["the new secret", "the old secret"])).toBe("admin");
    expect(await signIn(["the new secret"])).toBe("admin");
  });

  test("keeps everybody out when it is wrong, after all of them were tried", async () => {
    provider.changeSecret("another secret");
    await expect(signIn(["the new secret", "the old secret"])).rejects.toMatchObject({ code: "ACCESS_PROVIDER_FAILED" });
  });
});
