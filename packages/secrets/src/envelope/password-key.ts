/** Argon2id as every key from the owner's password is made (config.md §11.1): version 0x13, memory in KiB. */
const argon2id = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 } as const;

/**
 * The 32 bytes a password and a salt stand for; about 0.15 s and 64 MiB, on a thread of its own. Whoever takes the
 * bytes overwrites them after use.
 * @param salt 16 bytes in an envelope, 32 in an archive
 */
export async function passwordKey(password: string | Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  // Loaded here: it takes some milliseconds, and hardly any command needs it.
  const { argon2 } = await import("node:crypto");
  const message = typeof password === "string" ? new TextEncoder().encode(password) : password.slice();
  try {
    return await new Promise((resolve, reject) => {
      argon2("argon2id", { ...argon2id, message, nonce: salt }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    message.fill(0);
  }
}
