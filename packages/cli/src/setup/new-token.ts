/** A token for the gateway or its hooks: 256 random bits in hex. */
export function newToken(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(32)).toString("hex");
}
