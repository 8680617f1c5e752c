/** Headers of every answer of the API: it is no page, nobody frames it, and nobody keeps it. */
export function apiHeaders(secure: boolean): Readonly<Record<string, string>> {
  return {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    ...common(secure),
  };
}

/** Headers of our own pages: no script at all, styles and forms of our own only. `styleHash` is that of the style element. */
export function pageHeaders(secure: boolean, styleHash: string): Readonly<Record<string, string>> {
  return {
    "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    ...common(secure),
  };
}

/** Not `no-referrer`: with that a browser does not say which origin a form comes from, and the origin is checked. */
function common(secure: boolean): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    ...(secure && { "strict-transport-security": "max-age=31536000" }),
  };
}
