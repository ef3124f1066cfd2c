/** The library that `Bun.secrets` talks to the Secret Service with. */
export interface SecretLibrary {
  /** Lets it look for the service anew: it keeps to the process it met first, also when that has been replaced. */
  forgetService(): void;
}

/** Loads the library; only asked where a Secret Service answers. @returns undefined if it is not installed */
export async function loadSecretLibrary(): Promise<SecretLibrary | undefined> {
  const { dlopen } = await import("bun:ffi");
  try {
    // Stays loaded: `Bun.secrets` uses the same one.
    const { symbols } = dlopen("libsecret-1.so.0", {
      secret_service_disconnect: { args: [], returns: "void" },
    });
    return { forgetService: () => symbols.secret_service_disconnect() };
  } catch {
    return undefined;
  }
}
