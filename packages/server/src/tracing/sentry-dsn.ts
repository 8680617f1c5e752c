/** Where the events of a project go, and the key that allows it. */
export interface Dsn {
  readonly envelopeUrl: string;
  readonly publicKey: string;
}

/** @returns `undefined` for what is no DSN. @see https://develop.sentry.dev/sdk/foundations/transport/authentication/ */
export function parseDsn(text: string): Dsn | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, username } = new URL(text);
  const [, path = "", project] = /^(.*)\/([^/]+)$/.exec(pathname) ?? [];
  if (!/^https?:$/.test(protocol) || username === "" || project === undefined) return undefined;
  return { envelopeUrl: `${protocol}//${host}${path}/api/${project}/envelope/`, publicKey: decodeURIComponent(username) };
}
