/** The same for what comes in with every kind of auth, through the proxy, by forms and by signing in. */
export const entrusted = {
  queryKey: "canary-query-key-7f3a9c",
  username: "canary-user-7f3a9c",
  password: "canary-basic-password-7f3a9c",
  headerKey: "canary-header-key-7f3a9c",
  clientSecret: "canary-client-secret-7f3a9c",
  accessToken: "canary-access-token-7f3a9c",
  refreshToken: "canary-refresh-token-7f3a9c",
  wrongKey: "canary-wrong-form-key-7f3a9c",
  formKey: "canary-form-key-7f3a9c",
  operatorPassword: "canary-operator-password-7f3a9c",
  wrongPassword: "canary-wrong-password-7f3a9c",
  proxiedHeader: "canary-proxied-header-7f3a9c",
  proxiedQuery: "canary-proxied-query-7f3a9c",
  proxiedBody: "canary-proxied-body-7f3a9c",
} as const;

/** Values that nobody has but whom they were given to: found anywhere else, they have leaked. */
export const canaries = {
  credential: "canary-credential-7f3a9c",
  webhookSecret: "canary-webhook-7f3a9c",
  adminToken: "canary-admin-token-7f3a9c",
  /** What the provider hands out: in cookies, headers and bodies. */
  issued: "canary-issued-7f3a9c",
  /** What a stranger sends as if it were one. */
  forged: "canary-forged-7f3a9c",
  /** 32 bytes, as a master key is written. */
  masterKey: Buffer.from("canary-master-key-7f3a9c-32bytes").toString("base64"),
} as const;

export const person = "canary.person@leak.example";
/** As it stands in a path or a query. */
export const encodedPerson = encodeURIComponent(person);
