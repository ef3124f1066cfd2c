import { readConfigFile } from "../load/read.ts";

/** Lower-case hex SHA-256 of the file's text as it is now; undefined without one, or if it cannot be read. */
export function configFileHash(path: string): string | undefined {
  try {
    return readConfigFile(path)?.hash;
  } catch {
    return undefined;
  }
}
