/** What a device signs (websocket.md §6); `role` and `scopes` after defaulting. */
export interface SignedFields {
  readonly deviceId: string;
  readonly clientId: string;
  readonly clientMode: string;
  readonly role: string;
  readonly scopes: readonly string[];
  /** Unix ms. */
  readonly signedAtMs: number;
  /** `auth.token`; a password is never signed. */
  readonly token?: string | undefined;
}

/** The text of version 1: without a nonce, so for local-direct connections only. */
export function signedTextV1(fields: SignedFields): string {
  return ["v1", ...common(fields)].join("|");
}

/** The text of version 2, bound to the socket's challenge. */
export function signedTextV2(fields: SignedFields, nonce: string): string {
  return ["v2", ...common(fields), nonce].join("|");
}

/** The text of version 3 (OpenClaw, protocol 4): version 2 and what the client says of its device. */
export function signedTextV3(
  fields: SignedFields,
  nonce: string,
  device: { readonly platform?: string | undefined; readonly deviceFamily?: string | undefined },
): string {
  const said = [normalizedMetadata(device.platform), normalizedMetadata(device.deviceFamily)];
  return ["v3", ...common(fields), nonce, ...said].join("|");
}

function common(fields: SignedFields): string[] {
  return [
    fields.deviceId,
    fields.clientId,
    fields.clientMode,
    fields.role,
    fields.scopes.join(","),
    String(fields.signedAtMs),
    fields.token ?? "",
  ];
}

// Only A to Z are lowered, as OpenClaw does: other letters' lower case differs between platforms.
function normalizedMetadata(value: string | undefined): string {
  return (value ?? "").trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
