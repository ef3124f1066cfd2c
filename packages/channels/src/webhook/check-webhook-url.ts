/**
 * Whether messages may be posted to an address that the owner wrote down: https, or http where nothing leaves the owner's
 * machine and network.
 * @returns what is wrong with it, for the owner; undefined if nothing is
 */
export async function checkWebhookUrl(url: string, allowPrivate: boolean): Promise<string | undefined> {
  const { checkUrl } = await import("@carapace/fetch");
  const schemes = ["https", "http"] as const;
  const allowed = checkUrl(url, { schemes, allowPrivate });
  if (!allowed.ok) {
    const isPrivate = allowed.reason === "blocked_address" && !allowPrivate;
    const advice = isPrivate ? " If it is a receiver of yours, set webhook.allowPrivate to true." : "";
    return `${allowed.say}${advice}`;
  }
  if (allowed.value.isSecure) return undefined;
  const isPublic = checkUrl(url, { schemes }).ok;
  return isPublic
    ? "It is not encrypted: use https. Only an address of this machine or its network, as numbers or localhost, may be http."
    : undefined;
}
