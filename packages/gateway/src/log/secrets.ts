import { type Environment, isSecretName } from "@carapace/config";
import { isRecord } from "@carapace/protocol";

/** Every secret text in a configuration and the environment, by the names they stand under; to be masked in the log. */
export function collectSecrets(tree: unknown, ...environments: readonly Environment[]): string[] {
  const found = new Set<string>();
  gather(tree, false, found);
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined && isEnvironmentSecret(name)) found.add(value.trim());
    }
  }
  found.delete("");
  return [...found];
}

function isEnvironmentSecret(name: string): boolean {
  return isSecretName(name) || /_KEY(_ID)?$/i.test(name);
}

function gather(node: unknown, isSecret: boolean, found: Set<string>): void {
  if (typeof node === "string") {
    if (isSecret) found.add(node.trim());
  } else if (Array.isArray(node)) {
    for (const item of node) gather(item, isSecret, found);
  } else if (isRecord(node)) {
    for (const [name, inner] of Object.entries(node)) gather(inner, isSecret || isSecretName(name), found);
  }
}
