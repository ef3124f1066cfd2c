/** Whether the library is there that `Bun.secrets` needs on Linux. Loads it: only asked where a Secret Service answers. */
export async function hasSecretLibrary(): Promise<boolean> {
  const { dlopen } = await import("bun:ffi");
  try {
    // Stays loaded: `Bun.secrets` uses it next.
    dlopen("libsecret-1.so.0", { secret_service_get_sync: { args: [], returns: "ptr" } });
    return true;
  } catch {
    return false;
  }
}
