/** What harness and configuration have to call the same. */
export const tenant = "acme";
export const clientId = "belay-of-the-harness";
export const hooksEndpoint = "rotation-endpoint-of-hooks";
export const signatureHeader = "x-rotation-signature";
/** Where browsers would reach it; they are played by the harness, which sends them to the processes themselves. */
export const publicUrl = "http://belay.invalid";
