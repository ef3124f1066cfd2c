/** A vendor's API as its channel reaches it. */
export interface VendorApi {
  /** Without a trailing slash. */
  readonly root: string;
  /** Not the vendor's own address: the owner wrote another one down. */
  readonly isOwners: boolean;
}

/**
 * Where a channel's requests go: the vendor's own address, or the owner's, which may be of this machine or its network;
 * http only there, since the token goes along.
 * @param name The key of the configuration, for the sentence.
 */
export async function vendorApi(
  baseUrl: string,
  { vendor, name }: { readonly vendor: string; readonly name: string },
): Promise<{ readonly ok: true; readonly value: VendorApi } | { readonly ok: false; readonly say: string }> {
  const root = baseUrl.trim().replace(/\/+$/, "");
  if (root === vendor) return { ok: true, value: { root, isOwners: false } };
  const { checkUrl } = await import("@carapace/fetch");
  const schemes = ["https", "http"] as const;
  const allowed = checkUrl(root, { schemes, allowPrivate: true });
  if (!allowed.ok) return { ok: false, say: `${name}: ${allowed.say}` };
  if (allowed.value.url.search !== "" || allowed.value.url.hash !== "")
    return { ok: false, say: `${name}: leave out what follows the path (? or #)` };
  const isPublic = checkUrl(root, { schemes }).ok;
  if (!allowed.value.isSecure && isPublic)
    return { ok: false, say: `${name}: it is not encrypted, and the token would go along: use https` };
  return { ok: true, value: { root, isOwners: true } };
}
