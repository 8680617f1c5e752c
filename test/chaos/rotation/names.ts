/** What harness and configuration have to call the same. */
export const tenant = "acme";
export const clientId = "belay-of-the-harness";
export const hooksEndpoint = "rotation-endpoint-of-hooks";
export const signatureHeader = "x-rotation-signature";
